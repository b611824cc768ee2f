/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class P2cEwmaTest {
    private static final int PICKS = 20_000;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final P2cEwma strategy = new P2cEwma(Randoms.seeded());

    @ParameterizedTest
    @ValueSource(ints = {3, 10})
    void slowEndpoint_isNotPickedWhileTheOthersAreIdle(int count) {
        Pool pool = Members.pool(Members.healthy(count, clock));
        for (int i = 0; i < count; i++) {
            respond(pool.get(i), Duration.ofMillis(i == 0 ? 500 : 10));
        }

        assertThat(shareOfFirst(pool)).isZero();
    }

    @Test
    void slowEndpoint_isPickedWhenTheFastOnesHaveTwiceTheWorkWaiting() {
        Pool pool = Members.pool(Members.healthy(2, clock));
        respond(pool.get(0), Duration.ofMillis(20));
        respond(pool.get(1), Duration.ofMillis(10));
        Lease first = Lease.start(pool.get(1).load(), Lease.Listener.NONE);
        assertThat(shareOfFirst(pool)).as("a tie").isCloseTo(0.5, within(0.02));

        Lease second = Lease.start(pool.get(1).load(), Lease.Listener.NONE);
        assertThat(shareOfFirst(pool)).isEqualTo(1);
        first.end(Outcome.CANCELLED);
        second.end(Outcome.CANCELLED);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 10})
    void endpointThatIsLittleSlower_countsAsFastAsTheOthers(int count) {
        Pool pool = Members.pool(Members.healthy(count, clock));
        for (int i = 0; i < count; i++) {
            respond(pool.get(i), Duration.ofMillis(i == 0 ? 14 : 10));
        }

        assertThat(shareOfFirst(pool)).isCloseTo(1.0 / count, within(0.02));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10})
    void endpointWithoutHistory_countsAsFastAsTheOthers(int count) {
        Pool pool = Members.pool(Members.healthy(count, clock));
        for (int i = 1; i < count; i++) {
            respond(pool.get(i), Duration.ofMillis(10));
        }

        assertThat(shareOfFirst(pool)).isCloseTo(1.0 / count, within(0.02));
        Lease open = Lease.start(pool.get(0).load(), Lease.Listener.NONE);
        assertThat(shareOfFirst(pool)).isZero();
        open.end(Outcome.CANCELLED);
    }

    private void respond(Candidate candidate, Duration time) {
        Lease lease = Lease.start(candidate.load(), Lease.Listener.NONE);
        clock.advance(time);
        lease.end(Outcome.SUCCESS);
    }

    private double shareOfFirst(Pool pool) {
        Picker picker = strategy.picker(pool);
        int picked = 0;
        for (int i = 0; i < PICKS; i++) {
            picked += picker.pick(RequestAttributes.NONE) == pool.get(0) ? 1 : 0;
        }
        return picked / (double) PICKS;
    }
}
