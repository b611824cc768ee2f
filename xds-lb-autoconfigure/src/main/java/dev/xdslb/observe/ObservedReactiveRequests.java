/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.contextpropagation.ObservationThreadLocalAccessor;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientRequestObservationContext;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Says in the observation of a request by WebClient which endpoint was chosen for it. As a filter, outside of the load balancer's, it hands the
 * observation from the Reactor context to the request; as a transformer, inside of it, it is told the instance of each attempt. The last
 * one stays.
 */
public final class ObservedReactiveRequests implements ExchangeFilterFunction, LoadBalancerClientRequestTransformer {
    private static final String OBSERVATION = ObservedReactiveRequests.class.getName() + ".observation";

    @Override
    public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
        return Mono.deferContextual(context -> {
            Object observation = context.getOrDefault(ObservationThreadLocalAccessor.KEY, null);
            return next.exchange(
                    observation instanceof Observation present
                                    && present.getContext() instanceof ClientRequestObservationContext
                            ? ClientRequest.from(request)
                                    .attribute(OBSERVATION, present.getContext())
                                    .build()
                            : request);
        });
    }

    @Override
    public ClientRequest transformRequest(ClientRequest request, ServiceInstance instance) {
        if (request.attribute(OBSERVATION).orElse(null) instanceof ClientRequestObservationContext context) {
            KeyValue endpoint = ObservedEndpoint.of(instance);
            if (endpoint != null) {
                context.addHighCardinalityKeyValue(endpoint);
            }
        }
        return request;
    }
}
