/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;

/** Any candidate with the same chance, whatever its weight and load. */
public final class RandomChoice implements LoadBalancingStrategy {
    /** What {@link #name()} returns. */
    public static final String NAME = "random";

    private final RandomGenerator random;

    /** Makes the strategy for use by many threads. */
    public RandomChoice() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads
     */
    public RandomChoice(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public boolean usesResponseTimes() {
        return false;
    }

    @Override
    public Picker picker(Pool pool) {
        return request -> pool.get(random.nextInt(pool.size()));
    }
}
