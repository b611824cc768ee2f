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
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/**
 * Endpoints of one service from the application's own {@link DiscoveryClient}, used while the control plane has none.
 *
 * <p>A discovery client knows nothing of Service ports. Where the port is given by its number, only instances with that
 * very port are used; where it is given by its name, none: a request for one port must not end at another.
 */
public final class DiscoveryClientEndpoints implements FallbackEndpoints {
    private static final int HTTP_PORT = 80;
    private static final int HTTPS_PORT = 443;

    private final Supplier<@Nullable DiscoveryClient> discoveryClient;
    private final String serviceId;
    private final String port;

    /**
     * Makes the fallback.
     *
     * @param discoveryClient asked each time anew; null while the application has none
     * @param serviceId what the discovery client knows the service by
     * @param port the port that is wanted, empty for any
     */
    public DiscoveryClientEndpoints(
            Supplier<@Nullable DiscoveryClient> discoveryClient, String serviceId, String port) {
        this.discoveryClient = discoveryClient;
        this.serviceId = serviceId;
        this.port = port;
    }

    @Override
    public List<Endpoint> endpoints(String resource) {
        DiscoveryClient client = discoveryClient.get();
        if (client == null) {
            return List.of();
        }
        List<Endpoint> endpoints = new ArrayList<>();
        Set<String> addresses = new HashSet<>();
        for (ServiceInstance instance : client.getInstances(serviceId)) {
            Endpoint endpoint = endpoint(instance);
            boolean wanted = port.isEmpty()
                    || port.equals(Integer.toString(endpoint.key().port()));
            if (wanted && addresses.add(endpoint.address())) {
                endpoints.add(endpoint);
            }
        }
        return endpoints;
    }

    private static Endpoint endpoint(ServiceInstance instance) {
        String host = instance.getHost();
        String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
        int defaultPort = instance.isSecure() ? HTTPS_PORT : HTTP_PORT;
        String instanceId = instance.getInstanceId();
        return Endpoint.builder(bare, instance.getPort() > 0 ? instance.getPort() : defaultPort)
                .pod(instanceId == null ? "" : instanceId, "")
                .build();
    }
}
