/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.Randoms;
import dev.xdslb.policy.Members;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class WeightedDrawTest {
    private static final int DRAWS = 200_000;

    private final RandomGenerator random = Randoms.seeded();

    @Test
    void drawsInProportionToTheWeights() {
        assertShares(1);
        assertShares(1, 1, 1);
        assertShares(1, 2, 3, 4, 5);
        assertShares(1_000, 1, 1, 1);
        assertShares(7, 7, 7, 7, 7, 7, 1);
    }

    @Test
    void randomWeights_areFollowedToo() {
        for (int round = 0; round < 10; round++) {
            assertShares(random.ints(2 + round, 1, 1_000).toArray());
        }
    }

    private void assertShares(int... weights) {
        WeightedDraw draw = new WeightedDraw(Members.pool(Members.weighted(weights)));
        int[] drawn = new int[weights.length];
        for (int i = 0; i < DRAWS; i++) {
            drawn[draw.next(random)]++;
        }
        double total = Arrays.stream(weights).sum();
        for (int i = 0; i < weights.length; i++) {
            assertThat(drawn[i] / (double) DRAWS)
                    .as("share of weight %s in %s", weights[i], Arrays.toString(weights))
                    .isCloseTo(weights[i] / total, within(0.006));
        }
    }
}
