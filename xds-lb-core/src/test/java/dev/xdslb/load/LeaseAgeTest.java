/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

class LeaseAgeTest {
    private static final Duration MAX_AGE = Duration.ofMinutes(10);
    private static final Duration SLOW_TICK = Duration.ofMillis(500);

    private final FakeNanoClock clock = new FakeNanoClock();
    private final long startedAt = clock.getAsLong();
    private final LoadRegistry registry = new LoadRegistry(clock, MAX_AGE);
    private final EndpointLoad load = registry.acquire(new EndpointKey("uid", "10.0.0.1", 80));

    @Test
    void leaseThatIsNeverEnded_isGivenUpBetweenOneAndTwoMaximumAges() {
        Lease.start(load, Lease.Listener.NONE);

        pass(MAX_AGE);
        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(registry.abandoned()).isZero();

        pass(MAX_AGE.plus(SLOW_TICK.multipliedBy(2)));
        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isEqualTo(1);
        assertThat(registry.abandoned()).isEqualTo(1);
    }

    @Test
    void youngLeases_areKept_whateverMomentTheyStartAt() {
        for (int minute = 0; minute < 60; minute++) {
            Lease lease = Lease.start(load, Lease.Listener.NONE);
            pass(MAX_AGE.minusSeconds(1));
            assertThat(load.inFlight()).isEqualTo(1);
            assertThat(lease.end(Outcome.SUCCESS)).isTrue();
            assertThat(load.inFlight()).isZero();
            pass(Duration.ofSeconds(61));
        }
        assertThat(registry.abandoned()).isZero();
    }

    @Test
    void endOfAnAbandonedLease_changesNothingButThatCount() {
        Lease abandoned = Lease.start(load, Lease.Listener.NONE);
        pass(MAX_AGE.multipliedBy(3));
        Lease open = Lease.start(load, Lease.Listener.NONE);
        double cost = load.costNanos();

        assertThat(abandoned.end(Outcome.SUCCESS)).isTrue();

        assertThat(load.abandoned()).isZero();
        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(load.costNanos()).isEqualTo(cost);
        assertThat(registry.abandoned()).isEqualTo(1);
        open.end(Outcome.SUCCESS);
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void leaseThatEndsWhileItsWordIsEmptied_isCountedOutOnce() {
        Lease lease = Lease.start(load, Lease.Listener.NONE);
        while (load.abandoned() == 0 && !isBeingEmptied()) {
            pass(SLOW_TICK);
        }

        lease.end(Outcome.SUCCESS);
        pass(SLOW_TICK.multipliedBy(2));

        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isZero();
    }

    @Test
    void streams_areNeverGivenUp() {
        Lease stream = Lease.startStream(load, Lease.Listener.NONE);

        pass(MAX_AGE.multipliedBy(5));

        assertThat(load.inFlight()).isEqualTo(1);
        assertThat(load.abandoned()).isZero();
        stream.end(Outcome.SUCCESS);
        assertThat(load.inFlight()).isZero();
    }

    @Test
    void untimedRequests_areGivenUpAsWell() {
        for (int i = 0; i < 2 * InFlight.SAMPLES_PER_TICK; i++) {
            long unused = load.begin(false);
        }

        pass(MAX_AGE.multipliedBy(3));

        assertThat(load.inFlight()).isZero();
        assertThat(load.abandoned()).isEqualTo(2 * InFlight.SAMPLES_PER_TICK);
    }

    @Test
    void endpointThatIsGone_isForgottenThoughALeaseWasNeverEnded() {
        Lease.start(load, Lease.Listener.NONE);
        registry.release(load);
        pass(MAX_AGE);
        assertThat(registry.size()).isEqualTo(1);

        pass(MAX_AGE.plus(SLOW_TICK.multipliedBy(2)));

        assertThat(registry.size()).isZero();
        assertThat(registry.abandoned()).isEqualTo(1);
    }

    @Test
    void ageOfRequestsInFlight_spansThePeriods() {
        Lease.start(load, Lease.Listener.NONE).end(Outcome.SUCCESS);
        Lease first = Lease.start(load, Lease.Listener.NONE);
        pass(MAX_AGE.plusSeconds(2));
        Lease second = Lease.start(load, Lease.Listener.NONE);
        pass(Duration.ofSeconds(10));

        double expected = MAX_AGE.plusSeconds(12).plusSeconds(10).toNanos() / 2.0;
        assertThat(load.meanAgeNanos(clock.getAsLong())).isCloseTo(expected, within1Percent(expected));
        first.end(Outcome.CANCELLED);
        second.end(Outcome.CANCELLED);
        assertThat(load.meanAgeNanos(clock.getAsLong())).isZero();
    }

    private static Offset<Double> within1Percent(double value) {
        return Offset.offset(value / 100);
    }

    /** From here on the ends of old leases take nothing away any more. */
    private boolean isBeingEmptied() {
        return clock.getAsLong() - startedAt >= MAX_AGE.multipliedBy(2).toNanos();
    }

    private void pass(Duration time) {
        for (long left = time.toNanos(); left > 0; left -= SLOW_TICK.toNanos()) {
            clock.advance(Duration.ofNanos(Math.min(left, SLOW_TICK.toNanos())));
            registry.tick();
            registry.slowTick();
        }
    }
}
