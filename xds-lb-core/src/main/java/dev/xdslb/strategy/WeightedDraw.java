/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;

/**
 * Draws positions of a pool with a probability proportional to their weight, in constant time: Walker's alias method
 * with Vose's construction (M. D. Vose, "A linear algorithm for generating random numbers with a given distribution",
 * 1991). And draws a second position beside a first one, in proportion to the weights without the first. Immutable.
 */
final class WeightedDraw {
    /**
     * How often a second draw may hit the first position before the sums are searched. Where each weighs alike, one in n does;
     * where one weighs as much as all the others, 15 of 16 second draws need no search.
     */
    private static final int MAX_REDRAWS = 4;

    /** Weights are scaled so that the heaviest has this exponent: tiny ones keep their digits, and a million is no overflow. */
    private static final int HEAVIEST_EXPONENT = 900;

    private final double[] keep; // the chance to stay in a column instead of going to its alias
    private final int[] alias; // 1:1 with keep
    private final double[] before; // the scaled weights of all positions before this one; n + 1 of them
    private final double[] from; // the scaled weights of this position and all after it; n + 1 of them

    WeightedDraw(Pool pool) {
        this(weights(pool));
    }

    /**
     * Makes a draw.
     *
     * @param weights at least one, each finite and above 0
     */
    WeightedDraw(double... weights) {
        int n = weights.length;
        keep = new double[n];
        before = new double[n + 1];
        from = new double[n + 1];
        sum(weights);
        alias = new int[n];
        int[] small = new int[n];
        int[] large = new int[n];
        int smalls = 0;
        int larges = 0;
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += weights[i];
        }
        for (int i = 0; i < n; i++) {
            keep[i] = weights[i] * n / total; // a column is exactly full at 1
            alias[i] = i;
            if (keep[i] < 1) {
                small[smalls++] = i;
            } else {
                large[larges++] = i;
            }
        }
        while (smalls > 0 && larges > 0) {
            int less = small[--smalls];
            int more = large[larges - 1];
            alias[less] = more;
            keep[more] -= 1 - keep[less];
            if (keep[more] < 1) {
                larges--;
                small[smalls++] = more;
            }
        }
        while (smalls > 0) { // left over by rounding only
            keep[small[--smalls]] = 1;
        }
    }

    int next(RandomGenerator random) {
        int column = random.nextInt(keep.length);
        return random.nextDouble() < keep[column] ? column : alias[column];
    }

    /**
     * Draws another position than the first one, j with the probability {@code w_j / (sum of all w - w_first)}: what a second
     * draw gives that is repeated until it is another one, in bounded time. Allocates nothing.
     *
     * @return the first one where there is no other
     */
    int nextOther(RandomGenerator random, int first) {
        for (int i = 0; i < MAX_REDRAWS; i++) {
            int second = next(random);
            if (second != first) {
                return second;
            }
        }
        return searchOther(random, first);
    }

    /**
     * The same by binary search. The sums on both sides of the first hold nothing of its weight: where it is a billion times as
     * heavy as the others, these would be lost beside it.
     */
    private int searchOther(RandomGenerator random, int first) {
        double below = before[first];
        double above = from[first + 1];
        double draw = random.nextDouble() * (below + above);
        if (draw < below) {
            return lastAtMost(before, 0, first, draw);
        }
        if (above > 0) {
            return lastAbove(from, first + 1, keep.length, Math.min(draw - below, Math.nextDown(above)));
        }
        return first == 0 ? keep.length - 1 : first - 1; // it is alone, or rounding has reached the end
    }

    /** Returns the last position from low to before high whose value is at most x; values ascend, the first one is. */
    private static int lastAtMost(double[] values, int low, int high, double x) {
        int least = low;
        int beyond = high;
        while (beyond - least > 1) {
            int middle = (least + beyond) >>> 1;
            if (values[middle] <= x) {
                least = middle;
            } else {
                beyond = middle;
            }
        }
        return least;
    }

    /** Returns the last position from low to before high whose value is above x; values descend, the first one is. */
    private static int lastAbove(double[] values, int low, int high, double x) {
        int least = low;
        int beyond = high;
        while (beyond - least > 1) {
            int middle = (least + beyond) >>> 1;
            if (values[middle] > x) {
                least = middle;
            } else {
                beyond = middle;
            }
        }
        return least;
    }

    private void sum(double[] weights) {
        double heaviest = 0;
        for (double weight : weights) {
            heaviest = Math.max(heaviest, weight);
        }
        int n = weights.length;
        int scale = HEAVIEST_EXPONENT - Math.getExponent(heaviest);
        for (int i = 0; i < n; i++) {
            before[i + 1] = before[i] + Math.scalb(weights[i], scale);
        }
        for (int i = n - 1; i >= 0; i--) {
            from[i] = from[i + 1] + Math.scalb(weights[i], scale);
        }
    }

    private static double[] weights(Pool pool) {
        double[] weights = new double[pool.size()];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = pool.get(i).weight();
        }
        return weights;
    }
}
