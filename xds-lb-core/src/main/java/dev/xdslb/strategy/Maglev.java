/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Consistent hashing by a table of fixed size, with bounded load. Shares evenly, and a pick reads one entry; when an
 * endpoint comes or goes, about twice as many keys move as on a ring.
 *
 * @see RingHash
 */
public final class Maglev extends ConsistentHash {
    /** What {@link #name()} returns. */
    public static final String NAME = "maglev";

    /** Makes the strategy for use by many threads. */
    public Maglev(HashSettings settings) {
        this(settings, BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads; for requests without a key
     */
    public Maglev(HashSettings settings, RandomGenerator random) {
        super(settings, random);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    HashTable table(double[] weights, long[] identities, @Nullable HashTable before, HashSettings settings) {
        return new MaglevTable(weights, identities, settings.tableSize());
    }
}
