/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import java.net.URI;
import java.util.concurrent.CompletableFuture;
import org.springframework.context.ApplicationContext;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.core.io.buffer.DataBufferUtils;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.service.annotation.GetExchange;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Spring's reactive clients. */
enum ReactiveClient implements Client {
    WEB_CLIENT("`WebClient`") {
        @Override
        Mono<Void> send(ApplicationContext application, Caller caller) {
            WebClient.RequestHeadersSpec<?> request = application
                    .getBean("balanced", WebClient.Builder.class)
                    .build()
                    .get()
                    .uri("http://" + caller.service() + caller.path())
                    .header(BlockingClient.ORDERS, caller.outcome().orders());
            if (caller.outcome() == Outcome.NEVER_READ) {
                return request.exchangeToMono(response -> Mono.empty());
            }
            return request.retrieve()
                    .onStatus(status -> true, response -> Mono.empty())
                    .toEntityFlux(DataBuffer.class)
                    .flatMap(answer -> {
                        caller.look(answer.getStatusCode().value());
                        return use(answer.getBody(), caller);
                    });
        }
    },
    HTTP_INTERFACE("HTTP interface on `WebClient`") {
        @Override
        Mono<Void> send(ApplicationContext application, Caller caller) {
            return application
                    .getBean(ByInterface.class)
                    .get(
                            URI.create("http://" + caller.service() + caller.path()),
                            caller.outcome().orders())
                    .then();
        }
    },
    GATEWAY("Gateway WebFlux") {
        @Override
        public void call(ApplicationContext application, Caller caller) throws Exception {
            GatewayCall.call(application, caller);
        }

        @Override
        Mono<Void> send(ApplicationContext application, Caller caller) {
            throw new UnsupportedOperationException();
        }
    };

    private final String title;

    ReactiveClient(String title) {
        this.title = title;
    }

    @Override
    public String title() {
        return title;
    }

    /** Subscribes on the calling thread, and waits for the end, or for being cancelled. */
    @Override
    public void call(ApplicationContext application, Caller caller) throws Exception {
        CompletableFuture<Void> done = new CompletableFuture<>();
        Disposable subscribed = attempts(application, caller)
                .doOnCancel(() -> done.complete(null))
                .subscribe(nothing -> {}, done::completeExceptionally, () -> done.complete(null));
        caller.cancelledBy(subscribed::dispose);
        done.get();
    }

    private Mono<Void> attempts(ApplicationContext application, Caller caller) {
        Mono<Void> once = Mono.defer(() -> send(application, caller));
        return caller.outcome().isRetried() ? once.retryWhen(Retry.max(2)) : once;
    }

    abstract Mono<Void> send(ApplicationContext application, Caller caller);

    private static Mono<Void> use(Flux<DataBuffer> body, Caller caller) {
        Flux<Integer> read = body.map(part -> {
            int bytes = part.readableByteCount();
            DataBufferUtils.release(part);
            return bytes;
        });
        return switch (caller.outcome()) {
            case NEVER_CLOSED -> Mono.fromRunnable(() -> caller.begun().complete(null));
            case HALF_READ -> read.next().then();
            case CANCEL_WITHIN_BODY ->
                read.doOnNext(bytes -> caller.begun().complete(null)).then();
            case EVENTS ->
                read.doOnNext(bytes -> caller.begun().complete(null))
                        .takeUntilOther(Mono.fromFuture(caller.patience(), true))
                        .then();
            case READ_LATE ->
                Mono.fromRunnable(() -> caller.begun().complete(null))
                        .then(Mono.fromFuture(caller.patience(), true))
                        .thenMany(read)
                        .then();
            default -> read.then();
        };
    }

    interface ByInterface {
        @GetExchange
        Mono<String> get(URI uri, @RequestHeader(BlockingClient.ORDERS) String orders);
    }
}
