/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import java.net.URI;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The URI of the route that a gateway received a request by, for a gateway that keeps it to itself. */
public final class GatewayRoute {
    private static final String ATTRIBUTE = GatewayRoute.class.getName() + ".uri";

    private GatewayRoute() {}

    /**
     * Attaches the URI of the route, whose port decides which port of the service the request goes to.
     *
     * @param attributes those of the received request
     */
    public static void attach(Map<String, Object> attributes, URI route) {
        attributes.put(ATTRIBUTE, route);
    }

    static @Nullable URI of(Map<String, Object> attributes) {
        return attributes.get(ATTRIBUTE) instanceof URI uri ? uri : null;
    }
}
