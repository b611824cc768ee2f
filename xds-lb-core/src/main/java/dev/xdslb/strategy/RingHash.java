/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing on a ring, with bounded load. When one of n endpoints comes or goes, about one key of n moves.
 *
 * @see Maglev which shares more evenly among many endpoints and moves about twice as many keys
 */
public final class RingHash extends ConsistentHash {
    /** What {@link #name()} returns. */
    public static final String NAME = "ring-hash";

    /** Makes the strategy for use by many threads. */
    public RingHash(HashSettings settings) {
        this(settings, BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads; for requests without a key
     */
    public RingHash(HashSettings settings, RandomGenerator random) {
        super(settings, random);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    HashTable table(double[] weights, long[] identities, @Nullable HashTable before, HashSettings settings) {
        return HashRing.of(weights, identities, settings.ringSize(), (HashRing) before);
    }
}
