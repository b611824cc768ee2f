/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.List;

/**
 * A service as it is served. Immutable; equal views need no announcement.
 *
 * @param externalName what a Service of type ExternalName stands for; empty for every other type
 * @param ports in the order of the Service; none for an ExternalName
 */
public record ServiceView(ServiceKey key, String externalName, List<PortView> ports) {

    public ServiceView {
        requireNonNull(key, "key");
        requireNonNull(externalName, "externalName");
        ports = List.copyOf(ports);
    }

    /** Whether both have the same ports, whatever their endpoints. */
    public boolean hasPortsOf(ServiceView other) {
        return externalName.equals(other.externalName)
                && ports.stream()
                        .map(PortView::port)
                        .toList()
                        .equals(other.ports.stream().map(PortView::port).toList());
    }

    /**
     * A port of the service with its endpoints.
     *
     * @param endpoints sorted by address and port; no two are alike in both
     */
    public record PortView(ServicePort port, List<EndpointView> endpoints) {

        public PortView {
            requireNonNull(port, "port");
            endpoints = List.copyOf(endpoints);
        }
    }
}
