/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.strategy.RequestAttributes;
import java.net.URI;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.http.HttpHeaders;
import org.springframework.util.MultiValueMap;

/**
 * What a request to choose an instance says about the HTTP request behind it.
 *
 * @param port the Service port that the application asks for, or {@link ServiceNames#NO_PORT}
 * @param attributes the HTTP request as a strategy sees it
 * @param sent the HTTP request, null where there is none
 */
record ChooseRequest(
        int port, RequestAttributes attributes, @Nullable SentRequest sent) {
    private static final ChooseRequest UNKNOWN = new ChooseRequest(ServiceNames.NO_PORT, new UnknownAttributes(), null);

    /**
     * Reads a request.
     *
     * @param serviceId the service that is asked for
     * @param avoidTried whether a retry is to go where the attempts before it did not
     */
    static ChooseRequest of(String serviceId, @Nullable Request<?> request, boolean avoidTried) {
        if (request == null || !(request.getContext() instanceof RequestDataContext context)) {
            return UNKNOWN;
        }
        RequestData data = context.getClientRequest();
        if (data == null) {
            return UNKNOWN;
        }
        SentRequest sent = SentRequest.of(data);
        ServiceInstance previous = context instanceof RetryableRequestContext retryable
                ? retryable.getPreviousServiceInstance()
                : sent.previous();
        Collection<EndpointKey> tried = avoidTried && previous != null ? triedWith(previous) : List.of();
        return new ChooseRequest(portOf(serviceId, sent.target()), new HttpAttributes(sent, tried), sent);
    }

    /** An instance that is not of ours says where the last attempt went, and nothing of those before it. */
    private static Collection<EndpointKey> triedWith(ServiceInstance previous) {
        PickedServiceInstance picked = PickedServiceInstance.in(previous);
        if (picked != null) {
            return picked.tried();
        }
        return previous instanceof EndpointServiceInstance instance ? List.of(instance.key()) : List.of();
    }

    /** Lets a later attempt of the same request know where this one goes, where nobody else tells it. */
    void remember(ServiceInstance picked) {
        if (sent != null) {
            sent.remember(picked);
        }
    }

    /** The port of another host says nothing. */
    private static int portOf(String serviceId, @Nullable URI target) {
        return target != null && serviceId.equalsIgnoreCase(target.getHost()) ? target.getPort() : ServiceNames.NO_PORT;
    }

    /** Somebody asks for an instance without saying for which request: nobody will say how that one ends. */
    private record UnknownAttributes() implements RequestAttributes {
        @Override
        public @Nullable String header(String name) {
            return null;
        }

        @Override
        public String path() {
            return "";
        }

        @Override
        public boolean tellsOutcome() {
            return false;
        }
    }

    private record HttpAttributes(SentRequest sent, Collection<EndpointKey> tried) implements RequestAttributes {
        @Override
        public @Nullable String header(String name) {
            HttpHeaders headers = sent.data().getHeaders();
            return headers == null ? null : headers.getFirst(name);
        }

        /** Spring keeps cookies apart from the headers until the request is written. */
        @Override
        public @Nullable String cookie(String name) {
            MultiValueMap<String, String> cookies = sent.data().getCookies();
            String cookie = cookies == null ? null : cookies.getFirst(name);
            return cookie == null ? RequestAttributes.super.cookie(name) : cookie;
        }

        @Override
        public String path() {
            return sent.path();
        }
    }
}
