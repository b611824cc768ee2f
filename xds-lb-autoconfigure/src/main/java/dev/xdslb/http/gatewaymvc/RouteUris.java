/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import static org.springframework.util.StringUtils.startsWithIgnoreCase;

import dev.xdslb.springcloud.GatewayRoute;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.server.mvc.config.RouteProperties;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctionDefinition;
import org.springframework.web.servlet.function.HandlerFilterFunction;
import org.springframework.web.servlet.function.HandlerFunction;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * Lets the balancer see the URI of a route such as {@code lb://orders:8081}. Gateway MVC hands on the host of it only, and
 * beside it the URL by which it was called, whose port is its caller's choice. A route such as {@code lb:https://orders} goes to pods over
 * TLS, and one such as {@code lb:http://orders} as {@code lb://orders} does, as with Gateway WebFlux.
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
        return (Function<RouteProperties, HandlerFunctionDefinition>) route -> {
            URI uri = route.getUri();
            URI inner = uri == null ? null : inner(uri);
            return inner == null
                    ? attaching(routes.apply(route), uri)
                    : attaching(routes.apply(balanced(route, inner)), inner);
        };
    }

    /** Returns what follows {@code lb:} in {@code lb:https://orders}, as Gateway WebFlux has it; null for another route. */
    private static @Nullable URI inner(URI route) {
        String target = route.isOpaque() ? route.getRawSchemeSpecificPart() : "";
        if (!startsWithIgnoreCase(target, "https://") && !startsWithIgnoreCase(target, "http://")) {
            return null;
        }
        URI inner = URI.create(target);
        return inner.getRawAuthority() == null ? null : inner;
    }

    /** Gateway MVC knows a route's service as the host of its URI, and no other form of that. */
    private static RouteProperties balanced(RouteProperties route, URI target) {
        RouteProperties balanced = new RouteProperties();
        String id = route.getId();
        if (id != null) {
            balanced.setId(id);
        }
        balanced.setUri(URI.create("lb://" + target.getRawAuthority()));
        balanced.setOrder(route.getOrder());
        balanced.setPredicates(route.getPredicates());
        balanced.setFilters(route.getFilters());
        balanced.setMetadata(route.getMetadata());
        return balanced;
    }

    private static HandlerFunctionDefinition attaching(HandlerFunctionDefinition definition, @Nullable URI uri) {
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
