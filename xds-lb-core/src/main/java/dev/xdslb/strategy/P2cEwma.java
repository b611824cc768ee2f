/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import java.util.random.RandomGenerator;

/**
 * The power of two choices over requests in flight times the response time: the lower
 * {@code cost * (inFlight / weight + 1)} of two distinct candidates that were drawn by weight, {@code cost} being the
 * peak-sensitive moving average of the response time ({@link dev.xdslb.load.EndpointLoad#costNanos()}). The form is
 * Finagle's {@code PeakEwma}.
 *
 * <p>An endpoint that nothing is known about counts as fast as the one it is compared with.
 */
public final class P2cEwma extends PowerOfTwoChoices {
    /** What {@link #name()} returns. */
    public static final String NAME = "p2c-ewma";

    /** Makes the strategy for use by many threads. */
    public P2cEwma() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads
     */
    public P2cEwma(RandomGenerator random) {
        super(random);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    double cost(Candidate candidate) {
        return candidate.load().costNanos();
    }

    @Override
    double lastCost(Candidate candidate) {
        return candidate.load().lastSeenNanos();
    }
}
