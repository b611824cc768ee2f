/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.time.Duration;
import org.reactivestreams.Publisher;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.netty.http.server.HttpServerResponse;

/** What a pod answers to whom it is asked for. */
final class Answers {
    private static final Duration PACE = Duration.ofMillis(50);
    private static final String LONG_BODY = Pod.BODY.repeat(800_000);

    private Answers() {}

    /**
     * Answers a request.
     *
     * @param what the path of an {@link Outcome}
     * @param number which request it is, from 1 on: the first one may fail
     */
    static Publisher<Void> to(String what, int number, HttpServerResponse response) {
        return switch (what) {
            case "ok" -> text(response, 200);
            case "missing" -> text(response, 404);
            case "busy" -> text(response, 429);
            case "error" -> text(response, 500);
            case "later" -> text(response.header(HttpHeaderNames.RETRY_AFTER, "1"), 503);
            case "flaky" -> text(response, number == 1 ? 500 : 200);
            case "reset" -> part(response, Mono.delay(PACE).then(Mono.error(new IOException("closes the connection"))));
            case "half" -> part(response, Mono.never());
            case "long" -> response.sendString(Mono.just(LONG_BODY));
            case "events" -> response.sse().sendString(Flux.interval(PACE).map(n -> "data: " + Pod.BODY + "\n\n"));
            case "socket" ->
                response.sendWebsocket((in, out) -> out.sendString(in.receive().asString()));
            default -> Mono.never();
        };
    }

    private static Publisher<Void> text(HttpServerResponse response, int status) {
        return response.status(status).sendString(Mono.just(Pod.BODY));
    }

    private static Publisher<Void> part(HttpServerResponse response, Mono<String> rest) {
        return response.header(HttpHeaderNames.CONTENT_LENGTH, "100000")
                .sendString(Flux.just(Pod.BODY).concatWith(rest));
    }
}
