/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import dev.xdslb.http.BodyProgress;
import dev.xdslb.http.HttpOutcomes;
import dev.xdslb.http.ResponseHead;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.springcloud.PickedServiceInstance;
import org.jspecify.annotations.Nullable;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;

/**
 * Sends a request to the endpoint that was chosen for it and counts it from the subscription to the end of the response's
 * body.
 *
 * <p>After the response was handed on, its body says how the request ends; a cancellation that comes then counts only
 * where nobody reads the body yet. Good headers are an answer already, whatever the caller does with the rest. Whoever takes a response and neither reads nor releases the body holds the connection,
 * and the count, for as long as he does.
 */
final class LeasedExchange implements ExchangeFunction {
    /** The attribute that carries the chosen instance from the load balancer's filter to here. */
    private static final String INSTANCE = LeasedExchange.class.getName() + ".instance";

    private final ExchangeFunction next;

    LeasedExchange(ExchangeFunction next) {
        this.next = next;
    }

    /** Attaches the chosen instance to a request. */
    static ClientRequest withInstance(ClientRequest request, ServiceInstance instance) {
        PickedServiceInstance picked = PickedServiceInstance.in(instance);
        return picked == null
                ? request // chosen by another balancer
                : ClientRequest.from(request).attribute(INSTANCE, picked).build();
    }

    @Override
    public Mono<ClientResponse> exchange(ClientRequest request) {
        return request.attribute(INSTANCE).orElse(null) instanceof PickedServiceInstance picked
                ? Mono.defer(() -> exchange(request, picked.lease()))
                : next.exchange(request);
    }

    private Mono<ClientResponse> exchange(ClientRequest request, Lease lease) {
        Progress progress = new Progress();
        return Mono.defer(() -> next.exchange(request))
                .map(response -> leased(response, lease, progress))
                .doOnError(failure -> lease.end(HttpOutcomes.of(failure)))
                .doOnCancel(() -> {
                    if (!progress.reading) {
                        ResponseHead head = progress.head;
                        if (head == null) {
                            lease.end(Outcome.CANCELLED);
                        } else {
                            head.endGivenUp(lease);
                        }
                    }
                })
                .switchIfEmpty(Mono.fromRunnable(() -> lease.end(Outcome.CANCELLED)));
    }

    private static ClientResponse leased(ClientResponse response, Lease lease, Progress progress) {
        ResponseHead head = ResponseHead.of(
                response.statusCode().value(), response.headers().asHttpHeaders());
        progress.head = head;
        head.tell(lease);
        BodyProgress read = new BodyProgress(lease);
        return response.mutate()
                .body(body -> body.doOnSubscribe(subscription -> progress.reading = true)
                        .doOnNext(buffer -> read.read(buffer.readableByteCount()))
                        .doOnComplete(() -> head.end(lease)) // before the caller goes on, unlike doFinally
                        .doOnError(failure -> lease.end(HttpOutcomes.of(failure)))
                        .doOnCancel(() -> head.endGivenUp(lease, read.bytes())))
                .build();
    }

    /** How far one exchange has come. Written by the thread that delivers the response, read by the one that cancels. */
    private static final class Progress {
        private volatile @Nullable ResponseHead head; // null as long as there is none
        private volatile boolean reading; // whether the body has a reader, who then ends the lease
    }
}
