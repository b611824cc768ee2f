/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.webclient;

import static java.util.Objects.requireNonNull;

import dev.xdslb.http.CountedRequest;
import org.jspecify.annotations.Nullable;
import org.reactivestreams.Subscription;
import org.springframework.core.io.buffer.DataBuffer;
import reactor.core.CoreSubscriber;
import reactor.core.publisher.Flux;
import reactor.core.publisher.FluxOperator;
import reactor.util.context.Context;

/**
 * The body of a response, which tells the counted request how it goes and ends. One operator in place of five of Reactor's, each of
 * which is two objects per response. The end is told before the caller goes on.
 */
final class CountedFlux extends FluxOperator<DataBuffer, DataBuffer> {
    private final CountedRequest counted;
    private final LeasedExchange.Attempt attempt;

    CountedFlux(Flux<DataBuffer> body, CountedRequest counted, LeasedExchange.Attempt attempt) {
        super(body);
        this.counted = counted;
        this.attempt = attempt;
    }

    @Override
    public void subscribe(CoreSubscriber<? super DataBuffer> reader) {
        source.subscribe(new Reading(reader, counted, attempt));
    }

    /** Signals come one at a time; the cancel may come beside them. */
    private static final class Reading implements CoreSubscriber<DataBuffer>, Subscription {
        private final CoreSubscriber<? super DataBuffer> reader;
        private final CountedRequest counted;
        private final LeasedExchange.Attempt attempt;
        private @Nullable Subscription upstream; // set before the reader knows of this
        private boolean anythingCame; // a cancel beside the first part may not see it yet

        private Reading(
                CoreSubscriber<? super DataBuffer> reader, CountedRequest counted, LeasedExchange.Attempt attempt) {
            this.reader = reader;
            this.counted = counted;
            this.attempt = attempt;
        }

        @Override
        public Context currentContext() {
            return reader.currentContext();
        }

        @Override
        public void onSubscribe(Subscription subscription) {
            upstream = subscription;
            counted.awaitsBody();
            reader.onSubscribe(this);
        }

        @Override
        public void onNext(DataBuffer buffer) {
            anythingCame = true;
            counted.bodyRead(buffer.readableByteCount());
            reader.onNext(buffer);
        }

        @Override
        public void onComplete() {
            if (counted.isAnsweredWell()) {
                attempt.answered();
            }
            counted.completed();
            reader.onComplete();
        }

        @Override
        public void onError(Throwable failure) {
            if (counted.isStreamUnderWay()) {
                attempt.lost();
            } else {
                attempt.failed();
            }
            counted.failed(failure);
            reader.onError(failure);
        }

        @Override
        public void request(long parts) {
            requireNonNull(upstream).request(parts);
        }

        @Override
        public void cancel() {
            if (!anythingCame && !counted.hasEnded()) {
                attempt.failed(); // the caller had waited for it
            }
            counted.givenUp();
            requireNonNull(upstream).cancel();
        }
    }
}
