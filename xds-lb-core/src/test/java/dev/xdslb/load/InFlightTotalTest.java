/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class InFlightTotalTest {
    private static final Duration MAX_AGE = EndpointLoad.MAX_LEASE_AGE;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);
    private final InFlightTotal total = new InFlightTotal(clock);

    @Test
    void requestsAndStreams_countUntilTheyEnd() {
        long request = started(load.begin(true));
        long stream = started(load.beginStream());
        assertThat(total.get()).isEqualTo(2);

        total.ended(request);
        total.ended(stream);
        assertThat(total.get()).isZero();
    }

    @Test
    void requestThatIsNeverEnded_isGivenUpBetweenOneAndTwoMaximumAges_andAStreamNever() {
        long abandoned = started(load.begin(true));
        long stream = started(load.beginStream());

        pass(MAX_AGE);
        assertThat(total.get()).isEqualTo(2);
        pass(MAX_AGE);
        assertThat(total.get()).isEqualTo(1);

        long open = started(load.begin(true));
        total.ended(abandoned);
        assertThat(total.get()).isEqualTo(2);
        total.ended(open);
        total.ended(stream);
        assertThat(total.get()).isZero();
    }

    @Test
    void streamThatBeganAsARequest_isNotGivenUp_andCountsOnce_whicheverThreadIsFirst() {
        for (boolean endIsFirst : new boolean[] {false, true}) {
            long request = started(load.begin(true));
            long answered = RequestState.asStream(request);
            if (endIsFirst) {
                total.ended(answered);
                total.moved(request, answered);
            } else {
                total.moved(request, answered);
                assertThat(total.get()).isEqualTo(1);
                pass(MAX_AGE.multipliedBy(5));
                assertThat(total.get()).isEqualTo(1);
                total.ended(answered);
            }
            assertThat(total.get()).isZero();
        }
    }

    @Test
    void streamThatStartsAnew_isGivenUpAsARequest_whichMayEndFirst() {
        for (boolean endIsFirst : new boolean[] {false, true}) {
            long stream = started(load.beginStream());
            long request = load.begin(true);
            if (endIsFirst) {
                total.ended(request);
                total.moved(stream, request);
            } else {
                total.moved(stream, request);
                assertThat(total.get()).isEqualTo(1);
                pass(MAX_AGE.multipliedBy(5));
            }
            assertThat(total.get()).isZero();
        }
    }

    @Test
    void answeredRequest_isGivenUp_asOneThatIsNotAnswered() {
        long request = started(load.begin(true));
        long answered = RequestState.withFirstMessage(request, true);
        total.moved(request, answered);
        assertThat(total.get()).isEqualTo(1);

        pass(MAX_AGE.multipliedBy(5));
        assertThat(total.get()).isZero();
        total.ended(answered);
        assertThat(total.get()).isZero();
    }

    @Test
    void requestThatStartsAheadOfTheTick_isCounted() {
        clock.advance(MAX_AGE);
        long ahead = started(load.begin(true));
        total.tick();
        assertThat(total.get()).isEqualTo(1);

        total.ended(ahead);
        assertThat(total.get()).isZero();
    }

    @Test
    void tickThatIsLateByPeriods_losesNothingThatStartedMeanwhile() {
        clock.advance(MAX_AGE.multipliedBy(7));
        long ahead = started(load.begin(true));
        assertThat(total.get()).isEqualTo(1);
        total.tick();
        assertThat(total.get()).isEqualTo(1);

        long another = started(load.begin(true));
        total.ended(ahead);
        total.ended(another);
        assertThat(total.get()).isZero();
    }

    /** Half a period passes with each tick: threads stand still for longer than that between two of their steps. */
    @RepeatedTest(3)
    @Timeout(60)
    void startsAndEndsBesideTicks_leaveNothing() throws Exception {
        AtomicLong moving = new AtomicLong(clock.getAsLong());
        InFlightTotal busy = new InFlightTotal(moving::get);
        EndpointLoad timed = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), moving::get);
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(3);
        try {
            Future<?> ticks = executor.submit(() -> {
                while (!done.get()) {
                    moving.addAndGet(MAX_AGE.toNanos() / 2);
                    busy.tick();
                }
            });
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                clients.add(executor.submit(() -> {
                    for (int request = 0; request < 100_000; request++) {
                        long begun = timed.begin(true);
                        busy.started(begun);
                        busy.ended(begun);
                    }
                }));
            }
            for (Future<?> client : clients) {
                client.get();
            }
            done.set(true);
            ticks.get();
        } finally {
            done.set(true);
            executor.shutdownNow();
        }

        assertThat(busy.get()).isZero();
    }

    private long started(long begun) {
        total.started(begun);
        return begun;
    }

    private void pass(Duration time) {
        clock.advance(time);
        total.tick();
    }
}
