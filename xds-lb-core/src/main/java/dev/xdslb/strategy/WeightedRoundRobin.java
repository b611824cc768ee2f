/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import dev.xdslb.policy.Turns;
import java.util.random.RandomGenerator;

/**
 * Each candidate in turn, as often as its weight says, without a lock and without bursts: the static stride scheduler of
 * gRPC proposal A58.
 *
 * <p>A picker goes on where the one before it stands, also with other weights: see {@link Turns}. Weights are limited to
 * between a tenth of the mean and ten times the mean, as there.
 */
public final class WeightedRoundRobin implements LoadBalancingStrategy {
    /** What {@link #name()} returns. */
    public static final String NAME = "weighted-round-robin";

    private final RandomGenerator random;

    /** Makes the strategy for use by many threads. */
    public WeightedRoundRobin() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe; decides where the first round begins
     */
    public WeightedRoundRobin(RandomGenerator random) {
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
        Turns turns = pool.turnsByWeight(random);
        return request -> turns.next();
    }
}
