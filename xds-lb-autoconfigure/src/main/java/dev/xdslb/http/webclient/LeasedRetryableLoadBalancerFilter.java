/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.http.ServiceConnections;
import java.util.List;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerRetryPolicy;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.client.loadbalancer.reactive.RetryableLoadBalancerExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/** Spring Cloud's load-balancing filter that retries, with each attempt counted. */
public final class LeasedRetryableLoadBalancerFilter extends RetryableLoadBalancerExchangeFilterFunction {

    private final ServiceConnections connections;

    public LeasedRetryableLoadBalancerFilter(
            LoadBalancerRetryPolicy.Factory retryPolicyFactory,
            ReactiveLoadBalancer.Factory<ServiceInstance> factory,
            List<LoadBalancerClientRequestTransformer> transformers,
            ServiceConnections connections) {
        super(retryPolicyFactory, factory, LeasedLoadBalancerFilter.withInstanceLast(transformers));
        this.connections = connections;
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return Attempted.exchange(
                LeasedExchange.withHost(request, connections), new LeasedExchange(next, connections), super::filter);
    }
}
