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

    /**
     * Returns the URI that a request is sent to as the route has it: with the service as its host, and the port that was written.
     *
     * @param attributes those of the received request
     */
    public static URI written(Map<String, Object> attributes, PickedServiceInstance picked) {
        URI route = of(attributes);
        int port = route == null ? -1 : route.getPort();
        return URI.create("lb://" + picked.getServiceId() + (port < 0 ? "" : ":" + port));
    }

    static @Nullable URI of(Map<String, Object> attributes) {
        return attributes.get(ATTRIBUTE) instanceof URI uri ? uri : null;
    }

    /**
     * Returns what was chosen last for a received request, null where nothing was.
     *
     * @param attributes those of the received request
     */
    public static @Nullable PickedServiceInstance picked(Map<String, Object> attributes) {
        return SentRequest.picked(attributes);
    }
}
