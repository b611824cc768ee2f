/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import io.micrometer.common.KeyValue;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.observation.ClientRequestObservationContext;

/**
 * Says in the observation of a request by RestClient or RestTemplate which endpoint was chosen for it. Called for each attempt: the last one
 * stays. The request is left as it is.
 */
public final class ObservedBlockingRequests implements LoadBalancerRequestTransformer {
    private final ObservationRegistry registry;

    public ObservedBlockingRequests(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public HttpRequest transformRequest(HttpRequest request, @Nullable ServiceInstance instance) {
        Observation current = registry.getCurrentObservation();
        // where the client itself is not observed, the current one is of whatever calls it
        if (current != null && current.getContext() instanceof ClientRequestObservationContext context) {
            KeyValue endpoint = ObservedEndpoint.of(instance);
            if (endpoint != null) {
                context.addHighCardinalityKeyValue(endpoint);
            }
        }
        return request;
    }
}
