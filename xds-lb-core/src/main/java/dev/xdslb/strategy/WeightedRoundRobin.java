/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Each candidate in turn, as often as its weight says, without a lock and without bursts: the static stride scheduler of
 * gRPC proposal A58.
 *
 * <p>The heaviest candidate is taken in every round, one of weight w in w out of {@value #MAX_WEIGHT} rounds, spread
 * evenly over them: candidate i is passed over in a round where {@code (w * round + offset_i) mod MAX < MAX - w}. The offset
 * differs from candidate to candidate, so that light ones do not all have their turn in the same round. Weights are first
 * limited to between a tenth of the mean and ten times the mean, as there.
 *
 * <p>Pickers share one counter, increased by one atomic addition per candidate looked at; on average a pick looks at
 * {@code heaviest / mean} candidates, ten at most.
 */
public final class WeightedRoundRobin implements LoadBalancingStrategy {
    /** What {@link #name()} returns. */
    public static final String NAME = "weighted-round-robin";

    /** Weights are scaled so that the heaviest has this one: 16 bits, as in the proposal. */
    private static final int MAX_WEIGHT = 0xFFFF;

    /** How far from the mean a weight may be, as a factor. */
    private static final double MAX_RATIO = 10;

    private final RandomGenerator random;

    /** Makes the strategy for use by many threads. */
    public WeightedRoundRobin() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe
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
        int n = pool.size();
        int[] scaled = scaledWeights(pool);
        AtomicLong sequence = new AtomicLong(random.nextInt(1 << 20));
        return request -> {
            while (true) { // ends within one round: the heaviest is never passed over
                long step = sequence.getAndIncrement() & Long.MAX_VALUE;
                int index = (int) (step % n);
                long round = step / n;
                long offset = (MAX_WEIGHT / 2L) * index;
                if ((scaled[index] * round + offset) % MAX_WEIGHT >= MAX_WEIGHT - scaled[index]) {
                    return pool.get(index);
                }
            }
        };
    }

    private static int[] scaledWeights(Pool pool) {
        double total = 0;
        for (int i = 0; i < pool.size(); i++) {
            total += pool.get(i).weight();
        }
        double mean = total / pool.size();
        double heaviest = 0;
        double[] limited = new double[pool.size()];
        for (int i = 0; i < limited.length; i++) {
            limited[i] = Math.min(MAX_RATIO, Math.max(1 / MAX_RATIO, pool.get(i).weight() / mean));
            heaviest = Math.max(heaviest, limited[i]);
        }
        int[] scaled = new int[limited.length];
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] = (int) Math.round(limited[i] / heaviest * MAX_WEIGHT);
        }
        return scaled;
    }
}
