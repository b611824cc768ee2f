/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.http.ServiceConnections;
import java.util.List;
import java.util.stream.Stream;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/** Spring Cloud's load-balancing filter, with each request that it sends counted. */
public final class LeasedLoadBalancerFilter extends ReactorLoadBalancerExchangeFilterFunction {

    private final ServiceConnections connections;

    public LeasedLoadBalancerFilter(
            ReactiveLoadBalancer.Factory<ServiceInstance> factory,
            List<LoadBalancerClientRequestTransformer> transformers,
            ServiceConnections connections) {
        super(factory, withInstanceLast(transformers));
        this.connections = connections;
    }

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return Attempted.exchange(
                LeasedExchange.withHost(request, connections), new LeasedExchange(next, connections), super::filter);
    }

    /** Last, so that no other transformer loses the attribute. */
    static List<LoadBalancerClientRequestTransformer> withInstanceLast(
            List<LoadBalancerClientRequestTransformer> transformers) {
        LoadBalancerClientRequestTransformer last = LeasedExchange::withInstance;
        return Stream.concat(transformers.stream(), Stream.of(last)).toList();
    }
}
