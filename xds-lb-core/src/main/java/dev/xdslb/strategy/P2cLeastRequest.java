/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.random.RandomGenerator;

/**
 * The power of two choices over requests in flight: the lower {@code inFlight / weight + 1} of two distinct candidates that
 * were drawn by weight. Right where requests take about the same time on every endpoint or nothing is known about it; blind
 * to a slow endpoint as long as this client has little in flight.
 */
public final class P2cLeastRequest extends PowerOfTwoChoices {
    /** What {@link #name()} returns. */
    public static final String NAME = "p2c-least-request";

    /** Makes the strategy for use by many threads. */
    public P2cLeastRequest() {
        this(BuiltInStrategies.THREAD_LOCAL_RANDOM);
    }

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads
     */
    public P2cLeastRequest(RandomGenerator random) {
        super(random);
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
    Comparison comparison(RandomGenerator chance, boolean counts) {
        return new ByLoad(chance);
    }
}
