/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.springcloud.GatewayRoute;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.server.mvc.config.RouteProperties;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctionDefinition;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Lets the balancer see the URI of a route such as {@code lb://orders:8081}. Gateway MVC hands on the host of it only, and
 * beside it the URL by which it was called, whose port is its caller's choice.
 */
public final class RouteUris implements BeanPostProcessor {
    /** Gateway MVC finds what handles a scheme by this name. */
    private static final String LOAD_BALANCED_ROUTES = "lbHandlerFunctionDefinition";

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (!beanName.equals(LOAD_BALANCED_ROUTES) || !(bean instanceof Function<?, ?> function)) {
            return bean;
        }
        @SuppressWarnings("unchecked") // as Gateway MVC takes it to be
        Function<RouteProperties, HandlerFunctionDefinition> routes =
                (Function<RouteProperties, HandlerFunctionDefinition>) function;
        return (Function<RouteProperties, HandlerFunctionDefinition>) route -> attaching(routes.apply(route), route);
    }

    private static HandlerFunctionDefinition attaching(HandlerFunctionDefinition definition, RouteProperties route) {
        URI uri = route.getUri();
        if (uri == null) {
            return definition;
        }
        return new Attaching(
                definition.handlerFunction(),
                first(uri, definition.lowerPrecedenceFilters()),
                first(uri, definition.higherPrecedenceFilters()));
    }

    /** The first filter is the outermost one. */
    private static List<HandlerFilterFunction<ServerResponse, ServerResponse>> first(
            URI uri, List<HandlerFilterFunction<ServerResponse, ServerResponse>> filters) {
        if (filters.isEmpty()) {
            return filters;
        }
        List<HandlerFilterFunction<ServerResponse, ServerResponse>> all = new ArrayList<>();
        all.add((request, next) -> {
            GatewayRoute.attach(request.attributes(), uri);
            return next.handle(request);
        });
        all.addAll(filters);
        return all;
    }

    private record Attaching(
            HandlerFunction<ServerResponse> handlerFunction,
            List<HandlerFilterFunction<ServerResponse, ServerResponse>> lowerPrecedenceFilters,
            List<HandlerFilterFunction<ServerResponse, ServerResponse>> higherPrecedenceFilters)
            implements HandlerFunctionDefinition {}
}
