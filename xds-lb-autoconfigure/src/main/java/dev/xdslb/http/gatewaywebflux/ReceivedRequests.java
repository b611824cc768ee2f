/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.springcloud.Attempts;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.support.NotFoundException;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.publisher.Mono;

/**
 * Around all other filters: ends what is still counted when a received request is over, whichever filter has dropped it, and adds
 * the reason where there is no instance.
 */
public final class ReceivedRequests implements GlobalFilter, Ordered {
    private static final String COUNTED = ReceivedRequests.class.getName() + ".counted";

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }

    @Override
    public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
        Attempts attempts = new Attempts();
        Queue<CountedRequest> counted = new ConcurrentLinkedQueue<>();
        exchange.getAttributes().put(Attempts.ATTRIBUTE, attempts);
        exchange.getAttributes().put(COUNTED, counted);
        return chain.filter(exchange)
                .onErrorMap(NotFoundException.class, failure -> reasoned(failure, attempts))
                .doFinally(signal -> counted.forEach(CountedRequest::closed));
    }

    /** Returns the requests that were sent on for a received one. */
    static Queue<CountedRequest> of(ServerWebExchange exchange) {
        Queue<CountedRequest> counted = exchange.getAttribute(COUNTED);
        return counted == null ? new ConcurrentLinkedQueue<>() : counted;
    }

    private static NotFoundException reasoned(NotFoundException failure, Attempts attempts) {
        RuntimeException reason = attempts.refusal();
        return reason == null
                ? failure
                : NotFoundException.create(
                        HttpStatus.NOT_FOUND.equals(failure.getStatusCode()),
                        failure.getReason() + ": " + reason.getMessage(),
                        reason);
    }
}
