/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A service as it is served. Immutable; equal views need no announcement.
 *
 * @param externalName what a Service of type ExternalName stands for; empty for every other type
 * @param ports in the order of the Service; none for an ExternalName
 * @param policy how clients are to balance over it
 */
public record ServiceView(ServiceKey key, String externalName, List<PortView> ports, ServicePolicy policy) {

    public ServiceView {
        requireNonNull(key, "key");
        requireNonNull(externalName, "externalName");
        ports = List.copyOf(ports);
        requireNonNull(policy, "policy");
    }

    /** Returns a view of a service that says nothing of how to balance. */
    public ServiceView(ServiceKey key, String externalName, List<PortView> ports) {
        this(key, externalName, ports, ServicePolicy.NONE);
    }

    /**
     * Returns the port that has the most endpoints, of several the first: those are the pods of the service, though not every pod
     * need have every port, and a port may have none. Null where there is no port.
     */
    public @Nullable PortView fullestPort() {
        PortView fullest = null;
        for (PortView port : ports) {
            if (fullest == null || port.endpoints().size() > fullest.endpoints().size()) {
                fullest = port;
            }
        }
        return fullest;
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

        /** Returns the endpoints on a Node of a Kubernetes cluster, as if there were no others. */
        public List<EndpointView> endpointsOn(String cluster, String node) {
            return EndpointView.drainingAsLastResort(endpoints.stream()
                    .filter(endpoint -> endpoint.isOn(cluster, node))
                    .toList());
        }

        /**
         * Returns how many endpoints are ready in each zone that has any, ready or not; those whose zone is not known are in
         * the one without a name.
         */
        public SortedMap<ZoneKey, Integer> readyByZone() {
            SortedMap<ZoneKey, Integer> ready = new TreeMap<>();
            for (EndpointView endpoint : endpoints) {
                ready.merge(endpoint.zoneKey(), endpoint.health() == EndpointView.Health.READY ? 1 : 0, Integer::sum);
            }
            return ready;
        }
    }
}
