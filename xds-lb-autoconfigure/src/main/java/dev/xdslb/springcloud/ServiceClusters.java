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
    /** Far more than a Service has. Beyond it, somebody makes up ports, and each is looked up anew. */
    private static final int MAX_PORTS = 64;

    private final String serviceId;
    private final ServiceNames names;
    private final ClusterRegistry registry;
    private final ApplicationStart start;
    private final ConcurrentHashMap<Integer, ServicePort> byPort = new ConcurrentHashMap<>();
    private volatile @Nullable ServicePort withoutPort; // written once, by whoever is first; all would write the same

    /** Makes the clusters of a service in an application that has started. */
    public ServiceClusters(String serviceId, ServiceNames names, ClusterRegistry registry) {
        this(serviceId, names, registry, ApplicationStart.over());
    }

    /** Makes the clusters of a service in an application that may be starting. */
    public ServiceClusters(String serviceId, ServiceNames names, ClusterRegistry registry, ApplicationStart start) {
        this.serviceId = serviceId;
        this.names = names;
        this.registry = registry;
        this.start = start;
    }

    /** Returns the service id. */
    public String serviceId() {
        return serviceId;
    }

    ApplicationStart start() {
        return start;
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
        return port(port).cluster();
    }

    /** Returns a port of the service, like {@link #cluster(int)}. */
    ServicePort port(int port) {
        if (port == ServiceNames.NO_PORT) {
            ServicePort known = withoutPort;
            if (known == null) {
                known = find(port);
                withoutPort = known;
            }
            return known;
        }
        ServicePort known = byPort.get(port);
        if (known != null) {
            return known;
        }
        ServicePort found = find(port);
        if (byPort.size() < MAX_PORTS) {
            byPort.put(port, found);
        }
        return found;
    }

    private ServicePort find(int port) {
        return new ServicePort(serviceId, registry.cluster(names.resource(serviceId, port)));
    }
}
