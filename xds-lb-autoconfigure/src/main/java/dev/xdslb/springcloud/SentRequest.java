/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.net.URI;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.Response;

/**
 * What the application itself says about a request. The data of a client's request are its own words. Those of a gateway's
 * are its caller's: he chooses the URL by {@code Host}, {@code Forwarded} and the like, so a gateway is asked for its route.
 *
 * @param target whose host and port decide where the request goes; null where the application has said nothing
 * @param data the rest of the request: its path and headers are what will be sent, as far as filters have changed them
 * @param received whether the request was received from somebody
 */
record SentRequest(@Nullable URI target, RequestData data, boolean received) {
    /** The last answer to a received request, so that a retry finds it. */
    private static final String PICKED = SentRequest.class.getName() + ".picked";

    private static final String GATEWAY = "org.springframework.cloud.gateway.support.ServerWebExchangeUtils.";

    /** Where Gateway WebFlux keeps the URL of the route, with the path that filters have left. */
    private static final String GATEWAY_URL = GATEWAY + "gatewayRequestUrl";

    /** Where Gateway WebFlux keeps the answer to the last attempt. */
    private static final String GATEWAY_RESPONSE = GATEWAY + "gatewayLoadBalancerResponse";

    /** Attributes that Spring gives to each request which it serves, one of them at least. */
    private static final List<String> OF_RECEIVED_REQUESTS = List.of(
            GATEWAY_URL,
            "org.springframework.web.server.ServerWebExchange.LOG_ID",
            "org.springframework.web.servlet.DispatcherServlet.CONTEXT",
            "org.springframework.web.servlet.function.RouterFunctions.request");

    static SentRequest of(RequestData data) {
        Map<String, Object> attributes = data.getAttributes();
        if (attributes == null || !isReceived(attributes)) {
            return new SentRequest(data.getUrl(), data, false);
        }
        URI route = GatewayRoute.of(attributes);
        if (route == null && attributes.get(GATEWAY_URL) instanceof URI url) {
            route = url;
        }
        return new SentRequest(route, data, true);
    }

    /** Returns the path that is sent, empty where it is not known. */
    String path() {
        URI url = data.getUrl();
        String path = url == null ? null : url.getRawPath();
        return path == null ? "" : path;
    }

    /** Returns the instance that an earlier attempt of a received request went to, null where there was none. */
    @Nullable
    ServiceInstance previous() {
        if (!received) {
            return null;
        }
        Map<String, Object> attributes = data.getAttributes();
        if (attributes.get(PICKED) instanceof ServiceInstance instance) {
            return instance;
        }
        return attributes.get(GATEWAY_RESPONSE) instanceof Response<?> response
                        && response.getServer() instanceof ServiceInstance instance
                ? instance
                : null;
    }

    /** Returns what is remembered of attempts that do not know of each other, null where nothing is. */
    @Nullable
    Attempts attempts() {
        return Attempts.in(data.getAttributes());
    }

    /** Lets whoever sends the request know why it goes nowhere. */
    void refused(RuntimeException reason) {
        Attempts attempts = attempts();
        if (attempts != null) {
            attempts.refused(reason);
        }
    }

    static @Nullable PickedServiceInstance picked(Map<String, Object> attributes) {
        return attributes.get(PICKED) instanceof ServiceInstance instance ? PickedServiceInstance.in(instance) : null;
    }

    /** Lets a later attempt of a received request know where this one goes. */
    void remember(ServiceInstance picked) {
        Attempts attempts = attempts();
        if (attempts != null) {
            attempts.picked();
        }
        if (received) {
            data.getAttributes().put(PICKED, picked);
        }
    }

    private static boolean isReceived(Map<String, Object> attributes) {
        if (attributes.isEmpty()) {
            return false;
        }
        for (String attribute : OF_RECEIVED_REQUESTS) {
            if (attributes.get(attribute) != null) {
                return true;
            }
        }
        return false;
    }
}
