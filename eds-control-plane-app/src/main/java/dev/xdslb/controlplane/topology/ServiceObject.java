/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A Service.
 *
 * @param externalName the name that a Service of type ExternalName stands for; empty for every other type
 * @param families the address families in order of preference; empty when the Service does not say
 * @param ports in the order of the Service, TCP only
 */
public record ServiceObject(
        ServiceKey key, String externalName, List<AddressFamily> families, List<ServicePort> ports, String origin)
        implements TopologyObject {

    public ServiceObject {
        requireNonNull(key, "key");
        requireNonNull(externalName, "externalName");
        requireNonNull(origin, "origin");
        families = List.copyOf(families);
        ports = List.copyOf(ports);
    }

    @Override
    public ObjectId id() {
        return ObjectId.service(key.namespace(), key.name());
    }
}
