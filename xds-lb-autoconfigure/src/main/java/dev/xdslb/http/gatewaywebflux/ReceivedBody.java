/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import dev.xdslb.http.CountedRequest;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.reactive.ServerHttpRequest;
import org.springframework.http.server.reactive.ServerHttpRequestDecorator;
import reactor.core.publisher.Flux;

/**
 * The body that a gateway's caller sends, on its way to the endpoint. That it breaks off, or does not come, is the caller's doing.
 *
 * <p>The connection to the endpoint asks for more, the caller's delivers; whoever ends the request looks at both.
 */
final class ReceivedBody extends ServerHttpRequestDecorator {
    private final CountedRequest counted;
    private final AtomicLong missing =
            new AtomicLong(); // parts that the endpoint's connection would take and has not got
    private final HttpHeaders headers;
    private volatile boolean over = true; // until somebody begins to read

    ReceivedBody(ServerHttpRequest request, CountedRequest counted, @Nullable String host) {
        super(request);
        this.headers = host == null ? request.getHeaders() : named(request.getHeaders(), host);
        this.counted = counted;
    }

    /** Returns whether the endpoint could take more of the body than the caller has sent. */
    boolean isAwaited() {
        return !over && missing.get() > 0;
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    private static HttpHeaders named(HttpHeaders received, String host) {
        HttpHeaders named = new HttpHeaders();
        named.addAll(received);
        named.set(HttpHeaders.HOST, host);
        return named;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return super.getBody()
                .doOnSubscribe(subscription -> {
                    over = false;
                    if (hasBody()) {
                        counted.awaitsCaller();
                    }
                })
                .doOnRequest(more -> missing.updateAndGet(
                        before -> more >= Long.MAX_VALUE - before ? Long.MAX_VALUE : before + more))
                .doOnNext(part -> missing.decrementAndGet())
                .doOnComplete(() -> {
                    over = true;
                    counted.awaitsEndpoint();
                })
                .doOnError(failure -> counted.discarded());
    }

    /** Where there is none, what passes until it is read is the time of connecting, which is the endpoint's. */
    private boolean hasBody() {
        return getHeaders().getContentLength() > 0 || getHeaders().containsHeader(HttpHeaders.TRANSFER_ENCODING);
    }
}
