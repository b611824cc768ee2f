/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An EndpointSlice.
 *
 * @param serviceName the label {@code kubernetes.io/service-name}; empty when there is none
 * @param imported whether it describes a service of another cluster (Multi-Cluster Services API)
 * @param ports TCP only
 * @param triggeredAt when what it tells of happened, as the endpoint slice controller says; null when it does not. No
 *     resource is made of it: another replica may see the same endpoints with another time
 */
public record SliceObject(
        String namespace,
        String name,
        String serviceName,
        boolean imported,
        AddressFamily family,
        List<Port> ports,
        List<Endpoint> endpoints,
        String origin,
        @Nullable Instant triggeredAt)
        implements TopologyObject {

    public SliceObject {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
        requireNonNull(serviceName, "serviceName");
        requireNonNull(family, "family");
        requireNonNull(origin, "origin");
        ports = List.copyOf(ports);
        endpoints = List.copyOf(endpoints);
    }

    /** Returns a slice that does not say when what it tells of happened. */
    public SliceObject(
            String namespace,
            String name,
            String serviceName,
            boolean imported,
            AddressFamily family,
            List<Port> ports,
            List<Endpoint> endpoints,
            String origin) {
        this(namespace, name, serviceName, imported, family, ports, endpoints, origin, null);
    }

    @Override
    public ObjectId id() {
        return ObjectId.slice(namespace, name);
    }

    ServiceKey service() {
        return new ServiceKey(namespace, serviceName);
    }

    /**
     * A port of every endpoint in the slice.
     *
     * @param name the name of the Service's port that it serves
     * @param number the number on the pods; null means "every port" in Kubernetes
     */
    public record Port(String name, @Nullable Integer number) {

        public Port {
            requireNonNull(name, "name");
        }
    }

    /**
     * An endpoint of the slice, its conditions already completed by Kubernetes' defaults.
     *
     * @param addresses the first one counts
     * @param zone empty when the slice does not say
     * @param nodeName empty when unknown
     * @param podName empty when there is no pod
     * @param podUid empty when there is no pod, or when the slice does not say
     */
    public record Endpoint(
            List<String> addresses,
            boolean ready,
            boolean serving,
            boolean terminating,
            String zone,
            String nodeName,
            String podName,
            String podUid) {

        public Endpoint {
            addresses = List.copyOf(addresses);
            requireNonNull(zone, "zone");
            requireNonNull(nodeName, "nodeName");
            requireNonNull(podName, "podName");
            requireNonNull(podUid, "podUid");
        }
    }
}
