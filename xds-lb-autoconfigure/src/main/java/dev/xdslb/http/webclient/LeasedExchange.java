/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.http.CountedRequest;
import dev.xdslb.http.PodTarget;
import dev.xdslb.http.ServiceConnections;
import dev.xdslb.springcloud.Attempts;
import dev.xdslb.springcloud.PickedServiceInstance;
import java.io.IOException;
import java.net.URI;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpRequest;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import org.springframework.web.reactive.function.client.WebClientRequestException;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.publisher.Mono;

/**
 * Sends a request to the endpoint that was chosen for it and counts it from the subscription to the end of the response's
 * body.
 *
 * <p>After the response was handed on, its body says how the request ends; a cancellation that comes then counts only
 * where nobody reads the body yet. Good headers are an answer already, whatever the caller does with the rest. Whoever takes a
 * response and neither reads nor releases the body holds the connection, and the count, for as long as he does.
 *
 * <p>The filters behind this one see the request, too, and one of them may answer it: then nothing is known of the endpoint.
 */
final class LeasedExchange implements ExchangeFunction {
    /** The attribute that carries the chosen instance from the load balancer's filter to here. */
    private static final String SENDING = LeasedExchange.class.getName() + ".sending";

    /** Bounds the walk along the causes of an exception, which may be a circle. */
    private static final int MAX_CAUSES = 16;

    private final ExchangeFunction next;
    private final ServiceConnections connections;

    LeasedExchange(ExchangeFunction next, ServiceConnections connections) {
        this.next = next;
        this.connections = connections;
    }

    /** Gives a request that has no header Host the one that is configured for its service. */
    static ClientRequest withHost(ClientRequest request, ServiceConnections connections) {
        String host = request.headers().containsHeader(HttpHeaders.HOST) ? null : connections.host(request.url());
        return host == null
                ? request
                : ClientRequest.from(request).header(HttpHeaders.HOST, host).build();
    }

    /** Attaches the chosen instance to a request. */
    static ClientRequest withInstance(ClientRequest request, ServiceInstance instance) {
        PickedServiceInstance picked = PickedServiceInstance.in(instance);
        if (picked == null) {
            return request; // chosen by another balancer
        }
        Sending sending = new Sending(picked);
        return ClientRequest.from(request)
                .attribute(SENDING, sending)
                .httpRequest(written -> sending.sent = true)
                .build();
    }

    @Override
    public Mono<ClientResponse> exchange(ClientRequest request) {
        return request.attribute(SENDING).orElse(null) instanceof Sending sending
                ? Mono.defer(() -> exchange(request, sending))
                : next.exchange(request);
    }

    private Mono<ClientResponse> exchange(ClientRequest request, Sending sending) {
        PodTarget target = PodTarget.of(sending.to, request.url(), connections);
        CountedRequest counted = CountedRequest.to(sending.to); // last of what may throw: nothing would end it
        Attempt attempt = new Attempt(Attempted.of(request), sending.to);
        boolean hasBody = !HttpMethod.HEAD.equals(request.method());
        Mono<ClientResponse> sent = Mono.defer(() -> next.exchange(request));
        if (target != null) {
            sent = sent.contextWrite(context -> context.put(PodTarget.class, target))
                    .onErrorMap(WebClientRequestException.class, failure -> explained(failure, target));
        }
        return sent.map(response -> {
                    if (!sending.sent && !sending.isAt(response.request())) {
                        counted.discarded(); // a filter has answered
                        return response;
                    }
                    return counted(response, counted, attempt, hasBody);
                })
                .doOnError(failure -> {
                    attempt.failed();
                    failed(counted, failure, sending);
                })
                .doOnCancel(() -> {
                    if (!counted.isBodyAwaited()) {
                        if (!counted.isAnsweredWell()) {
                            attempt.failed();
                        }
                        counted.closed();
                    }
                })
                .switchIfEmpty(Mono.fromRunnable(counted::completed));
    }

    /** A filter between here and the client may raise what it makes of an answer; or what it was answered by somebody else. */
    private static void failed(CountedRequest counted, Throwable failure, Sending sending) {
        Throwable cause = failure;
        for (int i = 0; cause != null && i < MAX_CAUSES; i++) {
            if (cause instanceof WebClientResponseException answer && sending.isAt(answer.getRequest())) {
                counted.answeredWithoutBody(answer.getStatusCode().value(), answer.getHeaders());
                counted.completed();
                return;
            }
            cause = cause.getCause();
        }
        counted.failed(failure);
    }

    private static WebClientRequestException explained(WebClientRequestException failure, PodTarget target) {
        if (!(failure.getCause() instanceof IOException cause)) {
            return failure;
        }
        IOException explained = target.explained(cause);
        return explained == cause
                ? failure
                : new WebClientRequestException(explained, failure.getMethod(), failure.getUri(), failure.getHeaders());
    }

    private static ClientResponse counted(
            ClientResponse response, CountedRequest counted, Attempt attempt, boolean hasBody) {
        int status = response.statusCode().value();
        if (hasBody) {
            counted.answeredToCheckingClient(status, response.headers().asHttpHeaders());
        } else {
            counted.answeredWithoutBody(status, response.headers().asHttpHeaders());
        }
        if (!counted.isAnsweredWell()) {
            attempt.failed();
        }
        return response.mutate()
                .body(body -> new CountedFlux(body, counted, attempt))
                .build();
    }

    /** Where a request is to go. Written by the client's connector as soon as it has a connection to write it to. */
    private static final class Sending {
        private final PickedServiceInstance to;
        private volatile boolean sent; // false - a filter may have answered in the endpoint's place

        private Sending(PickedServiceInstance to) {
            this.to = to;
        }

        /** Returns whether this is the request, which filters may have made anew, and not one to somebody else. */
        private boolean isAt(@Nullable HttpRequest request) {
            URI uri = request == null ? null : request.getURI();
            return uri != null && uri.getPort() == to.getPort() && to.getHost().equals(uri.getHost());
        }
    }

    /** What later attempts of the same request are to know of this one. */
    record Attempt(@Nullable Attempts all, PickedServiceInstance at) {
        void failed() {
            if (all != null) {
                all.failed(at);
            }
        }

        void lost() {
            if (all != null) {
                all.lost(at);
            }
        }

        void answered() {
            if (all != null) {
                all.answered();
            }
        }
    }
}
