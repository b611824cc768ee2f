/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.time.Duration;
import java.util.List;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;
import reactor.core.publisher.Flux;

/**
 * The discovery of an application that has only a reactive one ({@code spring.cloud.discovery.blocking.enabled=false}), for callers
 * that may wait: never on a thread of Reactor's.
 */
public final class ReactiveDiscovery implements DiscoveryClient {
    /** Nobody waits for the answer as long as that; it only lets go of a thread that no answer comes for. */
    private static final Duration GIVE_UP = Duration.ofMinutes(1);

    private final ReactiveDiscoveryClient client;

    /** Makes a view of a reactive client. */
    public ReactiveDiscovery(ReactiveDiscoveryClient client) {
        this.client = client;
    }

    @Override
    public String description() {
        return client.description();
    }

    @Override
    public List<ServiceInstance> getInstances(String serviceId) {
        return all(client.getInstances(serviceId));
    }

    @Override
    public List<String> getServices() {
        return all(client.getServices());
    }

    private static <T> List<T> all(Flux<T> several) {
        List<T> found = several.collectList().block(GIVE_UP);
        return found == null ? List.of() : found;
    }
}
