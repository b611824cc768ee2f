/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class P2cEwmaTest {
    private static final int PICKS = 20_000;

    private final FakeNanoClock clock = new FakeNanoClock();
    private final P2cEwma strategy = new P2cEwma(Randoms.seeded());

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 10})
    void slowEndpoint_isNotPickedWhileTheOthersAreIdle(int count) {
        Pool pool = pool(count, 500, 10);

        assertThat(shareOfFirst(pool)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 10})
    void endpointThatIsLittleSlower_countsAsFastAsTheOthers(int count) {
        Pool pool = pool(count, 14, 10);

        assertThat(shareOfFirst(pool)).isCloseTo(1.0 / count, within(0.02));
    }

    @Test
    void endpointOfHalfTheSpeed_getsAThirdOfAShare() {
        Pool pool = pool(4, 20, 10);

        assertThat(shareOfFirst(pool) * 4).isBetween(0.3, 0.4);
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 4, 5, 10, 50})
    void equalEndpoints_getEqualNumbers_oneByOne(int count) {
        Pool pool = pool(count, 10, 10);
        Picker picker = strategy.picker(pool);
        Map<Candidate, Integer> picks = new HashMap<>();
        for (int i = 0; i < 100 * count; i++) {
            picks.merge(picker.pick(RequestAttributes.NONE), 1, Integer::sum);
        }

        assertThat(picks.values()).hasSize(count).allMatch(n -> n >= 92 && n <= 106);
    }

    @Test
    void weights_decide_whatEqualEndpointsGet() {
        Pool pool = Members.pool(Members.weighted(3, 1));
        Picker picker = strategy.picker(pool);
        int heavy = 0;
        for (int i = 0; i < 400; i++) {
            heavy += picker.pick(RequestAttributes.NONE) == pool.get(0) ? 1 : 0;
        }

        assertThat(heavy).isBetween(298, 302);
    }

    @Test
    void slowEndpoint_isPickedWhenTheFastOneHasMuchMoreWorkWaiting() {
        Pool pool = pool(2, 50, 10);
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            open.add(Lease.start(pool.get(1).endpointLoad(), Lease.Listener.NONE));
        }
        assertThat(shareOfFirst(pool)).as("50 x 1 against 10 x 5").isCloseTo(0.5, within(0.02));

        open.add(Lease.start(pool.get(1).endpointLoad(), Lease.Listener.NONE));
        assertThat(shareOfFirst(pool)).isEqualTo(1);
        open.forEach(lease -> lease.end(Outcome.CANCELLED));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 10})
    void endpointWithoutHistory_countsAsTheBest_howeverSlowOthersAre(int count) {
        Pool pool = Members.pool(Members.healthy(count, clock));
        for (int i = 1; i < count; i++) {
            known(pool.get(i), i == 1 ? 800 : 5);
        }

        assertThat(shareOfFirst(pool)).isCloseTo(1.0 / (count - 1), within(0.03));
    }

    @Test
    void oneRequestThatHangs_costsItsEndpointNothing_twoDo() {
        Pool pool = pool(4, 10, 10);
        Lease one = Lease.start(pool.get(0).endpointLoad(), Lease.Listener.NONE);
        assertThat(shareOfFirst(pool)).isCloseTo(0.25, within(0.01));

        List<Lease> more = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            more.add(Lease.start(pool.get(0).endpointLoad(), Lease.Listener.NONE));
        }
        assertThat(shareOfFirst(pool)).isZero();
        more.forEach(lease -> lease.end(Outcome.CANCELLED));
        one.end(Outcome.CANCELLED);
    }

    /** Or one that fails at once would have the fewest in flight, and get the most. */
    @ParameterizedTest
    @ValueSource(ints = {4, 10})
    void whatFailedJustNow_countsAsIfItWereInFlight(int count) {
        Pool pool = pool(count, 10, 10);
        List<Lease> open = new ArrayList<>();
        for (int i = 1; i < count; i++) {
            for (int n = 0; n < 4; n++) {
                open.add(Lease.start(pool.get(i).endpointLoad(), Lease.Listener.NONE));
            }
        }
        EndpointLoad failing = pool.get(0).endpointLoad();
        for (int i = 0; i < 8; i++) {
            Lease.start(failing, Lease.Listener.NONE).end(Outcome.FAILURE);
        }
        assertThat(shareOfFirst(pool)).isZero();

        Lease.start(failing, Lease.Listener.NONE).end(Outcome.SUCCESS);
        assertThat(shareOfFirst(pool)).as("after a success").isPositive();
        open.forEach(lease -> lease.end(Outcome.CANCELLED));
    }

    @Test
    void lookingAhead_usesUpNothing() {
        Pool pool = pool(4, 10, 10);
        Picker ahead = strategy.picker(pool.lookingAhead());
        for (int i = 0; i < 100; i++) {
            ahead.pick(RequestAttributes.NONE);
        }

        for (int i = 0; i < 4; i++) {
            assertThat(pool.get(i).endpointLoad().usage()).isZero();
        }
    }

    /** Returns a pool whose first endpoint takes one time and all others another, in milliseconds. */
    private Pool pool(int count, int firstMillis, int otherMillis) {
        Pool pool = Members.pool(Members.healthy(count, clock));
        for (int i = 0; i < count; i++) {
            known(pool.get(i), i == 0 ? firstMillis : otherMillis);
        }
        return pool;
    }

    private void known(Candidate candidate, int millis) {
        for (int i = 0; i < 24; i++) {
            respond(candidate, Duration.ofMillis(millis));
        }
    }

    private void respond(Candidate candidate, Duration time) {
        Lease lease = Lease.start(candidate.endpointLoad(), Lease.Listener.NONE);
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
