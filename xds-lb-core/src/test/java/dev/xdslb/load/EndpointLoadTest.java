/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class EndpointLoadTest {
    private static final double MILLIS = 1e6;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), clock);

    @Test
    void nothingObserved_costsNothing() {
        assertThat(load.costNanos()).isZero();
    }

    @Test
    void fastFailures_doNotMakeAnEndpointLookFast() {
        request(Duration.ofMillis(100), Outcome.SUCCESS);
        request(Duration.ofMillis(1), Outcome.FAILURE);
        request(Duration.ofMillis(1), Outcome.CANCELLED);

        assertThat(load.costNanos()).isEqualTo(100 * MILLIS);
    }

    @Test
    void failuresInARow_areComparedAsIfInFlight_untilASuccessOrTheSlowTick() {
        request(Duration.ofMillis(1), Outcome.FAILURE);
        request(Duration.ofMillis(1), Outcome.CANCELLED);
        request(Duration.ofMillis(1), Outcome.FAILURE);
        assertThat(load.inFlight()).isZero();
        assertThat(load.inFlightOrFailed()).isEqualTo(2);

        request(Duration.ofMillis(1), Outcome.SUCCESS);
        assertThat(load.inFlightOrFailed()).isZero();

        request(Duration.ofMillis(1), Outcome.FAILURE);
        tick();
        assertThat(load.inFlightOrFailed()).isZero();
        assertThat(load.consecutiveFailures()).isEqualTo(1);
    }

    @Test
    void streams_countInFlightAndByOutcome_neverByTheirLength() {
        request(Duration.ofMillis(10), Outcome.SUCCESS);
        Lease stream = Lease.startStream(load, Lease.Listener.NONE);
        clock.advance(Duration.ofSeconds(5));
        tick();
        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(load.costNanos()).isLessThanOrEqualTo(10 * MILLIS);

        assertThat(stream.end(Outcome.FAILURE)).isTrue();
        assertThat(stream.end(Outcome.SUCCESS)).isFalse();
        Lease.startStream(load, Lease.Listener.NONE).end(Outcome.CANCELLED);

        assertThat(load.inFlight()).isZero();
        assertThat(load.consecutiveFailures()).isEqualTo(1);
        assertThat(load.costNanos()).isLessThanOrEqualTo(10 * MILLIS);
    }

    @Test
    void streamThatSucceeds_countsAgainstThoseThatFail() {
        Lease.startStream(load, Lease.Listener.NONE).end(Outcome.FAILURE);
        Lease.startStream(load, Lease.Listener.NONE).end(Outcome.SUCCESS);
        tick();

        assertThat(load.recentOutcomes().completed()).isEqualTo(2);
        assertThat(load.recentOutcomes().failed()).isEqualTo(1);
        assertThat(load.succeeded()).isEqualTo(1);
        assertThat(load.timed()).isZero();
    }

    @Test
    void window_countsTheLastTenSeconds() {
        request(Duration.ofMillis(1), Outcome.SUCCESS);
        request(Duration.ofMillis(1), Outcome.FAILURE);
        request(Duration.ofMillis(1), Outcome.CANCELLED);
        tickFor(Duration.ofSeconds(10));
        assertThat(load.recentOutcomes().completed()).isEqualTo(2);
        assertThat(load.recentOutcomes().failed()).isEqualTo(1);

        tickFor(Duration.ofMillis(500));
        assertThat(load.recentOutcomes().completed()).isZero();
        assertThat(load.recentOutcomes().failed()).isZero();
    }

    @Test
    void totals_countSuccessesAndTheirTime_alsoWhenTheWordWrapsAround() {
        for (int i = 0; i < 3; i++) {
            for (int n = 0; n < 700_000; n++) {
                Lease.start(load, Lease.Listener.NONE).end(Outcome.SUCCESS);
            }
            request(Duration.ofMillis(5), Outcome.SUCCESS);
            request(Duration.ofMillis(5), Outcome.FAILURE);
            load.tick();
        }

        assertThat(load.succeeded()).isEqualTo(2_100_003);
        assertThat(load.failed()).isEqualTo(3);
        assertThat(load.successMicros()).isEqualTo(15_000);
    }

    private void request(Duration time, Outcome outcome) {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        clock.advance(time);
        lease.end(outcome);
    }

    private void tickFor(Duration time) {
        for (long millis = 0; millis < time.toMillis(); millis += 500) {
            clock.advance(Duration.ofMillis(500));
            tick();
        }
    }

    private void tick() {
        load.tick();
        load.slowTick();
    }
}
