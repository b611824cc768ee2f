/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import dev.xdslb.policy.Turns;
import java.util.random.RandomGenerator;

/**
 * One candidate after the other, whatever their weight and load. A picker goes on where the one before it stands: see {@link
 * Turns}. The first one starts at a random place, so that clients that start together do not meet at the same endpoint.
 */
public final class RoundRobin implements LoadBalancingStrategy {
    /** What {@link #name()} returns. */
    public static final String NAME = "round-robin";

    private final RandomGenerator random;

    /** Makes the strategy for use by many threads. */
    public RoundRobin() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe; decides where the first round begins
     */
    public RoundRobin(RandomGenerator random) {
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
        Turns turns = pool.turns(random);
        return request -> turns.next();
    }
}
