/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.springcloud.Attempts;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Around Spring Cloud's filter: lets an attempt know of those before it, and says why a request got no instance, where Spring Cloud
 * answers 503 and says only that there is none.
 */
final class Attempted {
    private Attempted() {}

    static Mono<ClientResponse> exchange(
            ClientRequest request, ExchangeFunction next, ExchangeFilterFunction springCloud) {
        return Mono.deferContextual(context -> {
            Attempts inRequest = of(request);
            Attempts known = inRequest == null ? new Attempts() : inRequest;
            Attempts attempts = context.hasKey(Attempts.class) ? context.get(Attempts.class) : known;
            ClientRequest attempted = attempts == inRequest
                    ? request
                    : ClientRequest.from(request)
                            .attribute(Attempts.ATTRIBUTE, attempts)
                            .build();
            AtomicBoolean sent = new AtomicBoolean();
            ExchangeFunction sending = chosen -> {
                sent.set(true);
                return next.exchange(chosen);
            };
            return springCloud
                    .filter(attempted, sending)
                    .map(response -> sent.get() ? response : reasoned(response, attempts));
        });
    }

    /** Returns what a request knows of its attempts, null where it came another way. */
    static @Nullable Attempts of(ClientRequest request) {
        return request.attribute(Attempts.ATTRIBUTE).orElse(null) instanceof Attempts attempts ? attempts : null;
    }

    private static ClientResponse reasoned(ClientResponse response, Attempts attempts) {
        RuntimeException reason = attempts.refusal();
        return reason == null || !HttpStatus.SERVICE_UNAVAILABLE.equals(response.statusCode())
                ? response
                : response.mutate().body(String.valueOf(reason.getMessage())).build();
    }
}
