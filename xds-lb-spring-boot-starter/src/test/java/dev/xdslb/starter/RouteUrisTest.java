/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.http.gatewaymvc.RouteUris;
import java.net.URI;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.cloud.gateway.server.mvc.config.RouteProperties;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctionDefinition;
import org.springframework.web.servlet.function.ServerResponse;

/** Gateway MVC, which knows {@code lb://orders} only, is given that for each way to write a route to a service. */
class RouteUrisTest {

    @ParameterizedTest
    @CsvSource({
        "lb://orders:8081,           lb://orders:8081",
        "lb:https://orders,          lb://orders",
        "lb:HTTPS://orders:8443,     lb://orders:8443",
        "lb:https://orders/a%20b,    lb://orders",
        "lb:http://orders/x,         lb://orders",
        "lb:ws://orders,             lb:ws://orders",
        "lb:https:///x,              lb:https:///x",
        "lb:orders,                  lb:orders"
    })
    void route_isBalancedByItsService(String written, String expected) {
        AtomicReference<URI> seen = new AtomicReference<>();
        Function<RouteProperties, HandlerFunctionDefinition> usual = route -> {
            seen.set(route.getUri());
            return new HandlerFunctionDefinition.Default(
                    "lb", request -> ServerResponse.ok().build());
        };
        RouteProperties route = new RouteProperties();
        route.setId("orders");
        route.setUri(URI.create(written));

        Object processed = new RouteUris().postProcessAfterInitialization(usual, "lbHandlerFunctionDefinition");
        @SuppressWarnings("unchecked") // as the gateway takes it to be
        Function<RouteProperties, HandlerFunctionDefinition> balanced =
                (Function<RouteProperties, HandlerFunctionDefinition>) processed;
        HandlerFunctionDefinition unused = balanced.apply(route);

        assertThat(seen.get()).hasToString(expected);
    }
}
