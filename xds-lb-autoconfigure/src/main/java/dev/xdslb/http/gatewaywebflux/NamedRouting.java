/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import static java.util.Objects.requireNonNullElse;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;

import dev.xdslb.http.ByName;
import dev.xdslb.http.NettyServerName;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnections;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.cloud.gateway.filter.headers.HttpHeadersFilter;
import org.springframework.cloud.gateway.route.Route;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.tcp.SslProvider;

/** The gateway's filter that sends, which over TLS lets a pod prove the name of its service. */
final class NamedRouting extends NettyRoutingFilter {
    private final ServiceConnections connections;
    private final ByName<SslProvider> named;

    NamedRouting(
            NettyRoutingFilter usual,
            HttpClient client,
            HttpClientProperties properties,
            ServiceConnections connections) {
        super(client, headersOf(usual), properties);
        this.connections = connections;
        this.named = new ByName<>(name -> NettyServerName.of(client, name));
    }

    @Override
    protected Mono<HttpClient> getHttpClientMono(Route route, ServerWebExchange exchange) {
        SslProvider tls = tls(exchange);
        Mono<HttpClient> client = super.getHttpClientMono(route, exchange);
        return tls == null ? client : client.map(usual -> usual.secure(tls));
    }

    private @Nullable SslProvider tls(ServerWebExchange exchange) {
        URI url = exchange.getAttribute(GATEWAY_REQUEST_URL_ATTR);
        return named.of(PodTarget.of(CountedRouting.picked(exchange), url, connections), url);
    }

    private static ObjectProvider<List<HttpHeadersFilter>> headersOf(NettyRoutingFilter usual) {
        return new ObjectProvider<>() {
            @Override
            public List<HttpHeadersFilter> getObject() {
                return requireNonNullElse(usual.getHeadersFilters(), List.of());
            }

            @Override
            public List<HttpHeadersFilter> getIfAvailable() {
                return requireNonNullElse(usual.getHeadersFilters(), List.of());
            }
        };
    }
}
