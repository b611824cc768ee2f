/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import dev.xdslb.strategy.RequestAttributes;
import java.net.URI;
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
 * @param port the Service port that the URI names, or {@link ServiceNames#NO_PORT}
 * @param attributes the HTTP request as a strategy sees it
 * @param previous the instance that an earlier attempt of the same request went to, null for the first attempt
 */
record ChooseRequest(
        int port, RequestAttributes attributes, @Nullable ServiceInstance previous) {
    private static final ChooseRequest UNKNOWN = new ChooseRequest(ServiceNames.NO_PORT, new UnknownAttributes(), null);

    static ChooseRequest of(String serviceId, @Nullable Request<?> request) {
        if (request == null || !(request.getContext() instanceof RequestDataContext context)) {
            return UNKNOWN;
        }
        RequestData data = context.getClientRequest();
        if (data == null) {
            return UNKNOWN;
        }
        ServiceInstance previous =
                context instanceof RetryableRequestContext retryable ? retryable.getPreviousServiceInstance() : null;
        return new ChooseRequest(portOf(serviceId, data.getUrl()), new HttpAttributes(data), previous);
    }

    /** A gateway passes the URL that it was called with, whose port is its own and not the service's. */
    private static int portOf(String serviceId, @Nullable URI url) {
        return url != null && serviceId.equals(url.getHost()) ? url.getPort() : ServiceNames.NO_PORT;
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

    private record HttpAttributes(RequestData data) implements RequestAttributes {
        @Override
        public @Nullable String header(String name) {
            HttpHeaders headers = data.getHeaders();
            return headers == null ? null : headers.getFirst(name);
        }

        /** Spring keeps cookies apart from the headers until the request is written. */
        @Override
        public @Nullable String cookie(String name) {
            MultiValueMap<String, String> cookies = data.getCookies();
            String cookie = cookies == null ? null : cookies.getFirst(name);
            return cookie == null ? RequestAttributes.super.cookie(name) : cookie;
        }

        @Override
        public String path() {
            String path = data.getUrl() == null ? null : data.getUrl().getRawPath();
            return path == null ? "" : path;
        }
    }
}
