/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import dev.xdslb.http.CountedRequest;
import java.net.URI;
import java.util.List;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.http.HttpHeaders;
import org.springframework.web.reactive.socket.WebSocketHandler;
import org.springframework.web.reactive.socket.WebSocketSession;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import org.springframework.web.reactive.socket.client.WebSocketClient;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.WebsocketClientSpec;

/**
 * Tells a counted request that it has become a WebSocket, and when that ends, which only the client that opens it knows: for the
 * filters of the gateway the request is over when it is one.
 */
public final class CountedWebSockets implements BeanPostProcessor {

    /** Returns whether a client tells how the requests end that become a WebSocket. */
    static boolean areToldBy(WebSocketClient client) {
        return client instanceof Counting;
    }

    /** Only the client that gateways have by default: one of another class may be asked for by that class. */
    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean.getClass() == ReactorNettyWebSocketClient.class
                ? new Counting((ReactorNettyWebSocketClient) bean)
                : bean;
    }

    private static final class Counting extends ReactorNettyWebSocketClient {
        private final ReactorNettyWebSocketClient delegate;

        private Counting(ReactorNettyWebSocketClient delegate) {
            super(delegate.getHttpClient());
            this.delegate = delegate;
        }

        @Override
        public WebsocketClientSpec getWebsocketClientSpec() {
            return delegate.getWebsocketClientSpec();
        }

        @Override
        public Mono<Void> execute(URI url, WebSocketHandler handler) {
            return execute(url, new HttpHeaders(), handler);
        }

        @Override
        public Mono<Void> execute(URI url, HttpHeaders headers, WebSocketHandler handler) {
            return Mono.deferContextual(context -> {
                if (!context.hasKey(CountedRequest.class)) {
                    return delegate.execute(url, headers, handler);
                }
                CountedRequest counted = context.get(CountedRequest.class);
                return delegate.execute(url, headers, new Upgraded(handler, counted))
                        .doOnError(counted::failed)
                        .doFinally(signal -> counted.closed());
            });
        }
    }

    private record Upgraded(WebSocketHandler handler, CountedRequest counted) implements WebSocketHandler {
        @Override
        public List<String> getSubProtocols() {
            return handler.getSubProtocols();
        }

        @Override
        public Mono<Void> handle(WebSocketSession session) {
            counted.upgraded();
            return handler.handle(session);
        }
    }
}
