/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;
import org.apiguardian.api.API;

/** The strategies that come with this library. */
@API(status = API.Status.INTERNAL)
public final class BuiltInStrategies {
    /** A random generator for many threads, without a lock and without a ThreadLocal of ours. */
    public static final RandomGenerator THREAD_LOCAL_RANDOM =
            () -> ThreadLocalRandom.current().nextLong();

    private BuiltInStrategies() {}

    /**
     * Returns one of each that needs no settings, with distinct names.
     *
     * @param random thread-safe, and fast from many threads
     */
    public static List<LoadBalancingStrategy> all(RandomGenerator random) {
        return List.of(
                new P2cEwma(random),
                new P2cLeastRequest(random),
                new WeightedRoundRobin(random),
                new WeightedRandom(random),
                new RoundRobin(random),
                new RandomChoice(random));
    }

    /**
     * Returns one of each that picks by a key of the request, with distinct names that none of {@link #all} has.
     *
     * @param random thread-safe, and fast from many threads
     */
    public static List<LoadBalancingStrategy> hashing(HashSettings settings, RandomGenerator random) {
        return List.of(new RingHash(settings, random), new Maglev(settings, random));
    }
}
