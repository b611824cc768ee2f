/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.cluster.FallbackEndpoints;
import dev.xdslb.endpoint.Endpoint;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/**
 * Endpoints of one service from the application's own {@link DiscoveryClient}, used while the control plane has none.
 *
 * <p>A discovery client knows nothing of Service ports. Where the port is given by its number, only instances with that
 * very port are used; where it is given by its name, none: a request for one port must not end at another. An instance that
 * cannot be called is left out, and does not spoil the others.
 */
public final class DiscoveryClientEndpoints implements FallbackEndpoints {
    private static final Logger log = LoggerFactory.getLogger(DiscoveryClientEndpoints.class);

    private final Supplier<@Nullable DiscoveryClient> discoveryClient;
    private final ApplicationStart start;
    private final String serviceId;
    private final String port;
    private volatile String leftOut = ""; // what was logged last; written by the one thread that asks

    /**
     * Makes the fallback.
     *
     * @param discoveryClient asked each time anew, after the start; null while the application has none
     * @param start of the application, before the end of which discovery is not asked
     * @param serviceId what the discovery client knows the service by
     * @param port the port that is wanted, empty for any
     */
    public DiscoveryClientEndpoints(
            Supplier<@Nullable DiscoveryClient> discoveryClient,
            ApplicationStart start,
            String serviceId,
            String port) {
        this.discoveryClient = discoveryClient;
        this.start = start;
        this.serviceId = serviceId;
        this.port = port;
    }

    /** Waits for the end of the application's start; returns none where it is interrupted before. */
    @Override
    public List<Endpoint> endpoints(String resource) {
        try {
            start.await(resource);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return List.of();
        }
        DiscoveryClient client = discoveryClient.get();
        return client == null ? List.of() : endpoints(instances(client));
    }

    /** Equal where it asks for the same, so that settings which were made anew are known to be the same. */
    @Override
    public boolean equals(@Nullable Object o) {
        return o instanceof DiscoveryClientEndpoints other
                && serviceId.equals(other.serviceId)
                && port.equals(other.port)
                && start == other.start;
    }

    @Override
    public int hashCode() {
        return Objects.hash(serviceId, port);
    }

    private List<Endpoint> endpoints(List<ServiceInstance> instances) {
        List<Endpoint> endpoints = new ArrayList<>();
        List<String> unusable = new ArrayList<>();
        Set<String> addresses = new HashSet<>();
        for (ServiceInstance instance : instances) {
            try {
                Endpoint endpoint = InstanceEndpoint.of(instance);
                boolean wanted = port.isEmpty()
                        || port.equals(Integer.toString(endpoint.key().port()));
                if (wanted && addresses.add(endpoint.address())) {
                    endpoints.add(endpoint);
                }
            } catch (RuntimeException e) { // an instance is anybody's code
                unusable.add(InstanceEndpoint.describe(instance) + ": " + e.getMessage());
            }
        }
        warnOf(unusable);
        return endpoints;
    }

    /** A registry may know a service by another spelling than the host of a URI, which has no case. */
    private List<ServiceInstance> instances(DiscoveryClient client) {
        List<ServiceInstance> instances = instances(client, serviceId);
        if (!instances.isEmpty()) {
            return instances;
        }
        for (String known : client.getServices()) {
            if (known != null && known.equalsIgnoreCase(serviceId) && !known.equals(serviceId)) {
                return instances(client, known);
            }
        }
        return List.of();
    }

    @SuppressWarnings("NullAway") // what a client compiled without the check may return
    private static List<ServiceInstance> instances(DiscoveryClient client, String serviceId) {
        List<ServiceInstance> instances = client.getInstances(serviceId);
        return instances == null ? List.of() : instances;
    }

    private void warnOf(List<String> unusable) {
        String now = String.join("; ", unusable);
        if (!now.equals(leftOut) && !now.isEmpty()) {
            log.warn(
                    "service discovery returned instances of {} that cannot be called, and are left out: {}",
                    serviceId,
                    now);
        }
        leftOut = now;
    }
}
