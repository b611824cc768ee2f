/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.Randoms;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class P2cLeastRequestTest {
    private static final int PICKS = 100_000;

    private final RandomGenerator random = Randoms.seeded();
    private final P2cLeastRequest strategy = new P2cLeastRequest(random);

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 4, 5, 10, 100})
    void idleEndpoints_areAllPickedEquallyOften(int count) {
        Pool pool = Members.pool(Members.healthy(count));

        Map<Candidate, Integer> picks = pick(pool, PICKS);

        assertThat(picks).hasSize(count);
        double fair = (double) PICKS / count;
        // 5 standard deviations of a binomial count
        assertThat(picks.values()).allSatisfy(n -> assertThat((double) n).isCloseTo(fair, offset(5 * Math.sqrt(fair))));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8})
    void busyEndpoint_isNeverPickedWhileAnIdleOneIsDrawnBesideIt(int count) {
        Pool pool = Members.pool(Members.healthy(count));
        Lease.start(pool.get(0).endpointLoad(), Lease.Listener.NONE);

        assertThat(pick(pool, PICKS)).doesNotContainKey(pool.get(0));
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 8})
    void observer_isToldWhatIsCompared_andTheLowestScoreIsPicked(int count) {
        Pool pool = Members.pool(Members.healthy(count));
        Lease.start(pool.get(0).endpointLoad(), Lease.Listener.NONE);
        for (int i = 0; i < 100; i++) {
            Map<Candidate, Double> scores = new HashMap<>();
            Candidate picked = strategy.picker(pool).pick(RequestAttributes.NONE, new PickObserver() {
                @Override
                public void compared(Candidate candidate, double cost, double score) {
                    assertThat(cost).isEqualTo(1);
                    scores.put(candidate, score);
                }

                @Override
                public void passedOver(Candidate candidate, String why) {
                    throw new AssertionError(candidate + " " + why);
                }
            });

            assertThat(scores).hasSize(count == 3 ? 3 : 2);
            assertThat(scores.get(picked)).isEqualTo(1);
            assertThat(scores.getOrDefault(pool.get(0), 2.0)).isEqualTo(2);
        }
    }

    @Test
    void hungEndpoint_absorbsOnlyAsMuchAsTheOthersCarry() {
        Pool pool = Members.pool(Members.healthy(5));
        Picker picker = strategy.picker(pool);
        for (int i = 0; i < PICKS; i++) {
            Candidate picked = picker.pick(RequestAttributes.NONE);
            Lease lease = Lease.start(picked.endpointLoad(), Lease.Listener.NONE);
            if (picked != pool.get(0)) {
                lease.end(Outcome.SUCCESS);
            }
        }

        assertThat(pool.get(0).endpointLoad().inFlight()).isLessThanOrEqualTo(1);
    }

    @Test
    void idleWeights_areFollowed_inAPoolThatIsComparedWhole() {
        Pool pool = Members.pool(Members.weighted(1, 3));

        assertThat(share(pick(pool, PICKS), pool.get(1))).isCloseTo(0.75, within(0.01));
    }

    @Test
    void idleWeights_areFollowed_byTwoDistinctDraws() {
        // The larger draws meet the smaller ones as equals, which flattens the shares: with one of weight 2 among ten
        // of
        // weight 1, half of the pairs it is in are its own. Chance to be in a pair: 1 - P(not first) * P(not second).
        int[] weights = {2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        Pool pool = Members.pool(Members.weighted(weights));
        double notDrawn = 10.0 / 12 * (9.0 / 11);

        assertThat(share(pick(pool, PICKS), pool.get(0))).isCloseTo((1 - notDrawn) / 2, within(0.005));
    }

    @Test
    void requestsInFlight_areDividedByTheWeight() {
        Pool pool = Members.pool(Members.weighted(1, 1, 4));
        Lease.start(pool.get(0).endpointLoad(), Lease.Listener.NONE);
        Lease.start(pool.get(1).endpointLoad(), Lease.Listener.NONE);
        Lease.start(pool.get(2).endpointLoad(), Lease.Listener.NONE);
        Lease.start(pool.get(2).endpointLoad(), Lease.Listener.NONE);

        assertThat(pick(pool, 1_000)).containsOnlyKeys(pool.get(2));
    }

    @Test
    void multiplyingAllWeights_changesNoPick() {
        long seed = random.nextLong();
        List<String> picks = firstPicks(seed, 1, 2, 3, 4, 5, 6);

        assertThat(firstPicks(seed, 1_000, 2_000, 3_000, 4_000, 5_000, 6_000)).isEqualTo(picks);
    }

    private static List<String> firstPicks(long seed, int... weights) {
        Picker picker = new P2cLeastRequest(new SplittableRandom(seed)).picker(Members.pool(Members.weighted(weights)));
        return Stream.generate(() -> picker.pick(RequestAttributes.NONE).toString())
                .limit(1_000)
                .toList();
    }

    private Map<Candidate, Integer> pick(Pool pool, int times) {
        Picker picker = strategy.picker(pool);
        Map<Candidate, Integer> picks = new HashMap<>();
        for (int i = 0; i < times; i++) {
            picks.merge(picker.pick(RequestAttributes.NONE), 1, Integer::sum);
        }
        return picks;
    }

    private static double share(Map<Candidate, Integer> picks, Candidate candidate) {
        return picks.getOrDefault(candidate, 0) / (double) PICKS;
    }
}
