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
import java.util.List;
import java.util.SplittableRandom;
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

    @Test
    void secondDraw_isInProportionToTheWeightsWithoutTheFirst() {
        assertOthers(1, 1);
        assertOthers(1e9, 1);
        assertOthers(1, 1e9);
        assertOthers(1e9, 1, 2, 3);
        assertOthers(1, 2, 1e9, 3);
        assertOthers(1, 2, 3, 1e9);
        assertOthers(1e9, 1, 1e9, 3);
        assertOthers(1e12, 1e6, 1, 1);
        assertOthers(1, 1, 1, 1, 1, 1, 1);
        assertOthers(0.001, 0.01, 0.1, 1, 10, 100);
    }

    @Test
    void secondDraw_followsSubnormalWeights() {
        assertOthers(Double.MIN_VALUE, Double.MIN_VALUE, Double.MIN_VALUE);
        assertOthers(Double.MIN_VALUE, 2 * Double.MIN_VALUE, 3 * Double.MIN_VALUE);
        assertOthers(1, Double.MIN_VALUE, 3 * Double.MIN_VALUE);
        assertOthers(Double.MIN_VALUE, 1, Double.MIN_NORMAL, 2 * Double.MIN_NORMAL);
        assertOthers(1e300, 1e300, 2e300);
    }

    @Test
    void secondDraw_followsRandomWeights() {
        for (int round = 0; round < 40; round++) {
            long seed = random.nextLong();
            SplittableRandom weights = new SplittableRandom(seed);
            double spread = weights.nextDouble(0, 12); // orders of magnitude between the lightest and the heaviest
            double[] drawn = weights.doubles(weights.nextInt(2, 12), 0, spread)
                    .map(exponent -> Math.pow(10, exponent))
                    .toArray();
            assertOthers("seed " + seed, drawn);
        }
    }

    /** The two draws together as they come: with replacement in the second one, or a neighbour, these shares are others. */
    @Test
    void firstAndSecondDraw_giveTheSharesOfDrawingWithoutReplacement() {
        for (double[] weights : List.of(new double[] {100, 1, 1, 1}, new double[] {1, 2, 3, 4, 5})) {
            WeightedDraw draw = new WeightedDraw(weights);
            double total = Arrays.stream(weights).sum();
            double[] drawn = new double[weights.length];
            double[] expected = new double[weights.length];
            for (int i = 0; i < DRAWS; i++) {
                drawn[draw.nextOther(random, draw.next(random))] += 1.0 / DRAWS;
            }
            for (int first = 0; first < weights.length; first++) {
                for (int second = 0; second < weights.length; second++) {
                    expected[second] +=
                            second == first ? 0 : weights[first] / total * weights[second] / (total - weights[first]);
                }
            }

            assertThat(drawn)
                    .as("second draws of " + Arrays.toString(weights))
                    .containsExactly(expected, within(0.006));
        }
    }

    @Test
    void whereThereIsNoOther_theFirstIsAllThereIs() {
        assertThat(new WeightedDraw(3.0).nextOther(random, 0)).isZero();
    }

    @Test
    void generatorThatGivesTheSameForEver_endsTheSecondDrawAllTheSame() {
        for (long bits : new long[] {0, -1, Long.MAX_VALUE, Long.MIN_VALUE, 1L << 32}) {
            RandomGenerator stuck = () -> bits;
            for (double[] weights : List.of(
                    new double[] {1, 1}, new double[] {1e9, 1}, new double[] {1, 1e9}, new double[] {1, 1e18, 1, 1})) {
                WeightedDraw draw = new WeightedDraw(weights);
                for (int first = 0; first < weights.length; first++) {
                    assertThat(draw.nextOther(stuck, first)).isNotEqualTo(first).isBetween(0, weights.length - 1);
                }
            }
        }
    }

    private void assertOthers(double... weights) {
        assertOthers("given", weights);
    }

    /** Holds each share against w_j / (W - w_first), within five standard deviations. */
    private void assertOthers(String which, double... weights) {
        WeightedDraw draw = new WeightedDraw(weights);
        int draws = 20_000;
        for (int first = 0; first < weights.length; first++) {
            double largest = 0; // scaled by it, subnormal ones can be summed and divided
            for (int j = 0; j < weights.length; j++) {
                largest = j == first ? largest : Math.max(largest, weights[j]);
            }
            double others = 0;
            for (int j = 0; j < weights.length; j++) {
                others += j == first ? 0 : weights[j] / largest;
            }
            int[] drawn = new int[weights.length];
            for (int i = 0; i < draws; i++) {
                drawn[draw.nextOther(random, first)]++;
            }
            for (int j = 0; j < weights.length; j++) {
                double share = j == first ? 0 : weights[j] / largest / others;
                double deviation = Math.sqrt(share * (1 - share) / draws);
                assertThat(drawn[j] / (double) draws)
                        .as(
                                "share of %s beside %s in %s, %s",
                                weights[j], weights[first], Arrays.toString(weights), which)
                        .isCloseTo(share, within(5 * deviation + 1.0 / draws));
            }
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
