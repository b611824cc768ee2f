/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.Randoms;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class LoadBlindStrategiesTest {
    private static final int PICKS = 100_000;

    private final RandomGenerator random = Randoms.seeded();

    @Test
    void roundRobin_takesEachInTurn_fromARandomStart() {
        Pool pool = Members.pool(Members.healthy(5));
        Picker picker = new RoundRobin(random).picker(pool);

        List<String> round = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            round.add(picker.pick(RequestAttributes.NONE).toString());
        }

        assertThat(new HashSet<>(round)).hasSize(5);
        assertThat(picker.pick(RequestAttributes.NONE)).hasToString(round.get(0));
    }

    @Test
    void random_ignoresWeights() {
        assertThat(shares(new RandomChoice(random), 1, 9)).containsExactly(new double[] {0.5, 0.5}, within(0.01));
    }

    @Test
    void weightedRandom_followsWeights() {
        assertThat(shares(new WeightedRandom(random), 1, 2, 7))
                .containsExactly(new double[] {0.1, 0.2, 0.7}, within(0.01));
    }

    @Test
    void weightedRoundRobin_followsWeights() {
        assertThat(shares(new WeightedRoundRobin(random), 2, 3, 6))
                .containsExactly(new double[] {2 / 11.0, 3 / 11.0, 6 / 11.0}, within(0.0005));
        assertThat(shares(new WeightedRoundRobin(random), 22_000, 40_000, 100_000))
                .containsExactly(new double[] {22 / 162.0, 40 / 162.0, 100 / 162.0}, within(0.0005));
    }

    @Test
    void weightedRoundRobin_limitsWeightsToTenTimesTheMean() {
        int[] weights = new int[21];
        Arrays.fill(weights, 1);
        weights[0] = 100_000;

        double[] shares = shares(new WeightedRoundRobin(random), weights);

        assertThat(shares[0] / shares[1])
                .as("10 times against a tenth of the mean")
                .isCloseTo(100, within(2.0));
    }

    private static double[] shares(LoadBalancingStrategy strategy, int... weights) {
        Pool pool = Members.pool(Members.weighted(weights));
        Picker picker = strategy.picker(pool);
        double[] shares = new double[weights.length];
        List<Object> candidates = new ArrayList<>();
        for (int i = 0; i < weights.length; i++) {
            candidates.add(pool.get(i));
        }
        for (int i = 0; i < PICKS; i++) {
            shares[candidates.indexOf(picker.pick(RequestAttributes.NONE))] += 1.0 / PICKS;
        }
        return shares;
    }
}
