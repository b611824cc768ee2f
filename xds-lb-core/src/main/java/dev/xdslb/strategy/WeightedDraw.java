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
 * 1991). Immutable.
 */
final class WeightedDraw {
    private final double[] keep; // the chance to stay in a column instead of going to its alias
    private final int[] alias; // 1:1 with keep

    WeightedDraw(Pool pool) {
        int n = pool.size();
        keep = new double[n];
        alias = new int[n];
        int[] small = new int[n];
        int[] large = new int[n];
        int smalls = 0;
        int larges = 0;
        double total = 0;
        for (int i = 0; i < n; i++) {
            total += pool.get(i).weight();
        }
        for (int i = 0; i < n; i++) {
            keep[i] = pool.get(i).weight() * n / total; // a column is exactly full at 1
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
}
