/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/** Random generators for tests: the seed is printed, so that a failure can be repeated with -Dxdslb.seed=N. */
public final class Randoms {
    private Randoms() {}

    public static RandomGenerator seeded() {
        long seed = Long.getLong("xdslb.seed", 20_261_123L);
        System.out.println("random seed: " + seed + " (repeat with -Dxdslb.seed=" + seed + ")");
        return new SplittableRandom(seed);
    }
}
