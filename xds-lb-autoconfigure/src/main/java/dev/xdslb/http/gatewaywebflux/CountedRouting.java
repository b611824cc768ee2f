/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.CLIENT_RESPONSE_CONN_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_LOADBALANCER_RESPONSE_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.GATEWAY_REQUEST_URL_ATTR;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.PRESERVE_HOST_HEADER_ATTRIBUTE;
import static org.springframework.cloud.gateway.support.ServerWebExchangeUtils.isAlreadyRouted;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.ServiceConnections;
import dev.xdslb.springcloud.GatewayRoute;
import dev.xdslb.springcloud.PickedServiceInstance;
import io.netty.handler.timeout.ReadTimeoutException;
import java.net.URI;
import java.util.Objects;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.TimeoutException;
import org.springframework.core.Ordered;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.server.reactive.ServerHttpResponse;
import org.springframework.web.reactive.socket.client.WebSocketClient;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;
import reactor.netty.Connection;
import reactor.netty.http.client.HttpClientResponse;

/**
 * Counts each attempt of a request from the moment when the gateway sends it on. It is the last filter before those that send:
 * what comes before it, such as a retry, sends anew, and each attempt is counted by itself. After the headers it is the {@link
 * CountedConnection} that tells how the body ends, because the gateway writes it to its caller much later.
 */
public final class CountedRouting implements GlobalFilter, Ordered {
    /** Before the filters that send, and after all that may change where to. */
    private static final int ORDER = Ordered.LOWEST_PRECEDENCE - 2;

    private static final String HOST_IS_OURS = CountedRouting.class.getName() + ".host";

    private final Supplier<@Nullable WebSocketClient> webSockets;
    private final ServiceConnections connections;

    /**
     * Makes the filter.
     *
     * @param webSockets the client that opens WebSockets, null where there is not one; asked when it is needed
     */
    public CountedRouting(Supplier<@Nullable WebSocketClient> webSockets, ServiceConnections connections) {
        this.webSockets = webSockets;
        this.connections = connections;
    }

    @Override
    public int getOrder() {
        return ORDER;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        PickedServiceInstance picked = isAlreadyRouted(exchange) ? null : picked(exchange);
        return picked == null ? chain.filter(exchange) : Mono.defer(() -> counted(exchange, chain, picked));
    }

    private Mono<Void> counted(ServerWebExchange exchange, GatewayFilterChain chain, PickedServiceInstance picked) {
        String host = host(exchange, picked);
        CountedRequest counted = CountedRequest.to(picked); // last of what may throw: nothing would end it
        boolean endsElsewhere = isToldByWebSocket(exchange);
        if (!endsElsewhere) {
            ReceivedRequests.of(exchange).add(counted);
        }
        ReceivedBody received = new ReceivedBody(exchange.getRequest(), counted, host);
        if (host != null) {
            exchange.getAttributes().put(PRESERVE_HOST_HEADER_ATTRIBUTE, true);
        }
        return chain.filter(exchange.mutate().request(received).build())
                .doOnSuccess(nothing -> {
                    if (!endsElsewhere) {
                        answered(exchange, counted);
                    }
                })
                .doOnError(failure -> failed(failure, received, counted))
                .doOnCancel(() -> {
                    if (received.isAwaited()) {
                        counted.discarded(); // the caller did not send what the endpoint waited for
                    } else if (!counted.isBodyAwaited()) {
                        counted.givenUp();
                    }
                })
                .contextWrite(context -> context.put(CountedRequest.class, counted));
    }

    /** A filter of the route's that sends the caller's Host, or another one, has the last word. */
    private @Nullable String host(ServerWebExchange exchange, PickedServiceInstance picked) {
        return exchange.getAttributeOrDefault(PRESERVE_HOST_HEADER_ATTRIBUTE, false)
                        && !exchange.getAttributeOrDefault(HOST_IS_OURS, false)
                ? null
                : ours(exchange, connections.host(GatewayRoute.written(exchange.getAttributes(), picked)));
    }

    private static @Nullable String ours(ServerWebExchange exchange, @Nullable String host) {
        if (host != null) {
            exchange.getAttributes().put(HOST_IS_OURS, true); // for a retry
        }
        return host;
    }

    private boolean isToldByWebSocket(ServerWebExchange exchange) {
        if (!"websocket".equalsIgnoreCase(exchange.getRequest().getHeaders().getUpgrade())) {
            return false;
        }
        WebSocketClient client = webSockets.get();
        return client != null && CountedWebSockets.areToldBy(client);
    }

    /** A time-out while the caller is still sending is the caller's. */
    private static void failed(Throwable failure, ReceivedBody received, CountedRequest counted) {
        if (received.isAwaited() && isTimeout(failure)) {
            counted.discarded();
        } else {
            counted.failed(failure);
        }
    }

    private static boolean isTimeout(Throwable failure) {
        return failure instanceof TimeoutException // the gateway's own
                || failure.getCause() instanceof TimeoutException
                || failure instanceof ReadTimeoutException; // of the HTTP client
    }

    private static void answered(ServerWebExchange exchange, CountedRequest counted) {
        if (counted.hasEnded()) {
            return;
        }
        Connection connection = exchange.getAttribute(CLIENT_RESPONSE_CONN_ATTR);
        if (connection == null
                || !(exchange.getAttribute(CLIENT_RESPONSE_ATTR) instanceof HttpClientResponse response)) {
            answeredOtherwise(exchange.getResponse(), counted);
            return;
        }
        HttpHeaders headers = new HttpHeaders();
        response.responseHeaders().forEach(entry -> headers.add(entry.getKey(), entry.getValue()));
        int status = response.status().code();
        if (HttpMethod.HEAD.equals(exchange.getRequest().getMethod())) {
            counted.answeredWithoutBody(status, headers);
        } else {
            counted.answered(status, headers);
        }
        exchange.getAttributes().put(CLIENT_RESPONSE_CONN_ATTR, new CountedConnection(connection, counted));
    }

    /** A filter of the application's sends in its own way and has written the body, too; or a WebSocket of a client not known. */
    private static void answeredOtherwise(ServerHttpResponse response, CountedRequest counted) {
        if (!counted.isAnsweredWell()) {
            HttpStatusCode status = response.getStatusCode();
            counted.answered(status == null ? 200 : status.value(), response.getHeaders());
        }
        counted.closed();
    }

    /** Who was picked may not be who is called: after a fallback, a request may go to an address that nobody picked. */
    static @Nullable PickedServiceInstance picked(ServerWebExchange exchange) {
        Response<?> response = exchange.getAttribute(GATEWAY_LOADBALANCER_RESPONSE_ATTR);
        PickedServiceInstance picked = response != null && response.getServer() instanceof ServiceInstance instance
                ? PickedServiceInstance.in(instance)
                : GatewayRoute.picked(exchange.getAttributes());
        URI url = exchange.getAttribute(GATEWAY_REQUEST_URL_ATTR);
        return picked != null
                        && url != null
                        && url.getPort() == picked.getPort()
                        && Objects.equals(url.getHost(), picked.getHost())
                ? picked
                : null;
    }
}
