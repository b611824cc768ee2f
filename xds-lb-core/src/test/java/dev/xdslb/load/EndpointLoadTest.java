/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
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
    void slowerResponse_countsAtOnce() {
        request(Duration.ofMillis(10), Outcome.SUCCESS);
        request(Duration.ofMillis(200), Outcome.SUCCESS);

        assertThat(load.costNanos()).isEqualTo(200 * MILLIS);
    }

    @Test
    void fasterResponses_pullDownWithTheWeightOfTheTimePassed() {
        request(Duration.ofMillis(200), Outcome.SUCCESS);
        clock.advance(Duration.ofMillis(4_990));
        request(Duration.ofMillis(10), Outcome.SUCCESS);

        // after half of tau: 10 + (200 - 10) * e^-0.5, the approximation being 2% too high at most
        double exact = 10 + 190 * Math.exp(-0.5);
        assertThat(load.costNanos() / MILLIS).isCloseTo(exact, within(0.02 * exact));
    }

    @Test
    void slowEndpointWithoutRequests_isForgivenWithTime() {
        request(Duration.ofSeconds(2), Outcome.SUCCESS);
        tickFor(Duration.ofSeconds(20));

        assertThat(load.costNanos()).isCloseTo(2_000 * MILLIS * Math.exp(-1), within(20 * MILLIS));
    }

    @Test
    void fastFailures_doNotMakeAnEndpointLookFast() {
        request(Duration.ofMillis(100), Outcome.SUCCESS);
        request(Duration.ofMillis(1), Outcome.FAILURE);
        request(Duration.ofMillis(1), Outcome.CANCELLED);

        assertThat(load.costNanos()).isEqualTo(100 * MILLIS);
    }

    @Test
    void hungRequests_costTheirMeanAge_untilTheyEnd() {
        request(Duration.ofMillis(10), Outcome.SUCCESS);
        List<Lease> hung = new ArrayList<>();
        hung.add(Lease.start(load, Lease.Listener.NONE));
        clock.advance(Duration.ofSeconds(1));
        hung.add(Lease.start(load, Lease.Listener.NONE));
        clock.advance(Duration.ofSeconds(1));
        tick();

        assertThat(load.costNanos()).isCloseTo(1_500 * MILLIS, within(MILLIS));

        hung.forEach(lease -> lease.end(Outcome.CANCELLED));
        tick();
        assertThat(load.costNanos()).isLessThan(10 * MILLIS);
    }

    @Test
    void requestsYoungerThanTwoResponseTimes_areNotHung() {
        request(Duration.ofMillis(100), Outcome.SUCCESS);
        Lease unused = Lease.start(load, Lease.Listener.NONE);
        clock.advance(Duration.ofMillis(190));
        tick();

        assertThat(load.costNanos()).isLessThanOrEqualTo(100 * MILLIS);
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

        assertThat(load.recentlyCompleted()).isEqualTo(2);
        assertThat(load.recentlyFailed()).isEqualTo(1);
        assertThat(load.succeeded()).isEqualTo(1);
        assertThat(load.timed()).isZero();
    }

    @Test
    void window_countsTheLastTenSeconds() {
        request(Duration.ofMillis(1), Outcome.SUCCESS);
        request(Duration.ofMillis(1), Outcome.FAILURE);
        request(Duration.ofMillis(1), Outcome.CANCELLED);
        tickFor(Duration.ofSeconds(10));
        assertThat(load.recentlyCompleted()).isEqualTo(2);
        assertThat(load.recentlyFailed()).isEqualTo(1);

        tickFor(Duration.ofMillis(500));
        assertThat(load.recentlyCompleted()).isZero();
        assertThat(load.recentlyFailed()).isZero();
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
