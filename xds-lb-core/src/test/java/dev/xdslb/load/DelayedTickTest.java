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

/** A tick that stood still between its look at the clock and its look at the requests: some of these have started since. */
class DelayedTickTest {
    private static final Duration LATE = Duration.ofMillis(100);

    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);

    @Test
    void requestThatStartedAfterTheLookAtTheClock_isNoOlderThanNothing() {
        long before = clock.getAsLong();
        clock.advance(LATE);
        long begun = load.begin(true);

        assertThat(load.meanAgeNanos(before)).isZero();
        assertThat(load.unansweredNanos(begun, before)).isZero();
        assertThat(RequestState.ageNanos(begun, before)).isZero();
    }

    @Test
    void olderRequestsBesideIt_keepTheirAge_lessWhatItLacks() {
        load.begin(true);
        load.begin(true);
        clock.advance(Duration.ofSeconds(1));
        long before = clock.getAsLong();
        clock.advance(LATE);
        load.begin(true);

        assertThat(load.meanAgeNanos(before)).isBetween(0.6e9, 0.7e9); // two of a second, one of -0.1 s
    }

    @Test
    void thousandsOfRequestsThatStartedSince_areNoOlderThanNothing() {
        long before = clock.getAsLong();
        clock.advance(Duration.ofSeconds(30));
        for (int i = 0; i < 100_000; i++) {
            load.begin(true);
        }

        assertThat(load.meanAgeNanos(before)).isZero();
    }

    @Test
    void noAge_isGreaterThanARequestCanBe() {
        load.begin(true);
        clock.advance(Duration.ofDays(3)); // a laptop slept

        assertThat(load.meanAgeNanos(clock.getAsLong())).isEqualTo(2.0 * EndpointLoad.MAX_LEASE_AGE.toNanos());
    }

    /** Every reading of the clock is a millisecond later, so that a start beside a tick is later than what the tick has read. */
    @RepeatedTest(3)
    @Timeout(60)
    void besideStartsAndEnds_noTickSeesAnAgeThatCannotBe() throws Exception {
        AtomicLong moving =
                new AtomicLong(Long.MAX_VALUE - Duration.ofSeconds(3).toNanos());
        long first = moving.get();
        EndpointLoad busy = new EndpointLoad(
                new EndpointKey("uid", "10.0.0.1", 80),
                () -> moving.addAndGet(Duration.ofMillis(1).toNanos()));
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> clients = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                clients.add(executor.submit(() -> {
                    while (!done.get()) {
                        busy.end(busy.begin(true), Outcome.CANCELLED);
                    }
                }));
            }
            for (int i = 0; i < 20_000; i++) {
                busy.tick();
                assertThat(busy.unansweredAgeNanos()).isBetween(0.0, (double) (moving.get() - first));
                assertThat(busy.costNanos()).isBetween(0.0, (double) (moving.get() - first));
            }
            done.set(true);
            for (Future<?> client : clients) {
                client.get();
            }
        } finally {
            done.set(true);
            executor.shutdownNow();
        }
    }
}
