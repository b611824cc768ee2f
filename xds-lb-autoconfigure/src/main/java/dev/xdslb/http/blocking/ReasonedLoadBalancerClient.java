/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.blocking;

import dev.xdslb.springcloud.XdsLoadBalancer;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequest;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.loadbalancer.blocking.client.BlockingLoadBalancerClient;

/**
 * Spring Cloud's client, whose exceptions say why there is no instance. They are of the same type and begin with the same
 * words, and their cause is the reason. Of requests to one service that get none at the same time for two reasons, one may say
 * that of the other.
 */
public final class ReasonedLoadBalancerClient extends BlockingLoadBalancerClient {
    private static final String NO_INSTANCES = "No instances available for ";

    private final ReactiveLoadBalancer.Factory<ServiceInstance> factory;

    public ReasonedLoadBalancerClient(ReactiveLoadBalancer.Factory<ServiceInstance> factory) {
        super(factory);
        this.factory = factory;
    }

    @Override
    public <T> T execute(String serviceId, LoadBalancerRequest<T> request) throws IOException {
        try {
            return super.execute(serviceId, request);
        } catch (IllegalStateException e) {
            RuntimeException reason = (NO_INSTANCES + serviceId).equals(e.getMessage()) ? reason(serviceId) : null;
            if (reason == null) {
                throw e;
            }
            throw new IllegalStateException(e.getMessage() + ": " + reason.getMessage(), reason);
        }
    }

    /** Spring Cloud's retries come here, also where they found no instance. */
    @Override
    @SuppressWarnings("NullAway") // the instance is null where there is none
    public <T> T execute(String serviceId, ServiceInstance instance, LoadBalancerRequest<T> request)
            throws IOException {
        RuntimeException reason = instance == null ? reason(serviceId) : null;
        if (reason != null) {
            throw new IllegalStateException(NO_INSTANCES + serviceId + ": " + reason.getMessage(), reason);
        }
        return super.execute(serviceId, instance, request);
    }

    private @Nullable RuntimeException reason(String serviceId) {
        return factory.getInstance(serviceId) instanceof XdsLoadBalancer balancer ? balancer.latestRefusal() : null;
    }
}
