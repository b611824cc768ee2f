/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The clusters of one service id: one for requests that name no port, and one for each port that a request has named.
 * They are looked up in the registry once and remembered, because a lookup by name costs more than a pick. Thread-safe.
 */
public final class ServiceClusters {
    private final String serviceId;
    private final ServiceNames names;
    private final ClusterRegistry registry;
    private final ConcurrentHashMap<Integer, Cluster> byPort = new ConcurrentHashMap<>();
    private volatile @Nullable Cluster withoutPort; // written once, by whoever is first; all would write the same

    public ServiceClusters(String serviceId, ServiceNames names, ClusterRegistry registry) {
        this.serviceId = serviceId;
        this.names = names;
        this.registry = registry;
    }

    /** Returns the service id. */
    public String serviceId() {
        return serviceId;
    }

    /** Returns what error messages call the place where endpoints come from. */
    String sourceDescription() {
        return registry.source().description();
    }

    /**
     * Returns the cluster for a port of the service, subscribing to it first where nobody has asked for it before.
     *
     * @param port a port of the Service, or {@link ServiceNames#NO_PORT}
     * @throws IllegalArgumentException when the service id is not the name of a Kubernetes Service
     */
    public Cluster cluster(int port) {
        if (port != ServiceNames.NO_PORT) {
            return byPort.computeIfAbsent(port, p -> registry.cluster(names.resource(serviceId, p)));
        }
        Cluster cluster = withoutPort;
        if (cluster == null) {
            cluster = registry.cluster(names.resource(serviceId, port));
            withoutPort = cluster;
        }
        return cluster;
    }
}
