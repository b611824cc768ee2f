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
 * @param policy how clients are to balance over it
 * @param problems what is wrong with its annotations, for people
 */
public record ServiceObject(
        ServiceKey key,
        String externalName,
        List<AddressFamily> families,
        List<ServicePort> ports,
        ServicePolicy policy,
        List<String> problems,
        String origin)
        implements TopologyObject {

    public ServiceObject {
        requireNonNull(key, "key");
        requireNonNull(externalName, "externalName");
        requireNonNull(origin, "origin");
        families = List.copyOf(families);
        requireNonNull(policy, "policy");
        ports = List.copyOf(ports);
        problems = List.copyOf(problems);
    }

    /** Returns a Service that says nothing of how to balance. */
    public ServiceObject(
            ServiceKey key, String externalName, List<AddressFamily> families, List<ServicePort> ports, String origin) {
        this(key, externalName, families, ports, ServicePolicy.NONE, List.of(), origin);
    }

    @Override
    public ObjectId id() {
        return ObjectId.service(key.namespace(), key.name());
    }
}
