/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import java.util.random.RandomGenerator;

/**
 * The power of two choices over requests in flight times the response time: of two distinct candidates that were drawn by
 * weight, the one with the lower {@code time * (inFlight / weight + 1 + ahead)}, {@code time} being the response time ({@link
 * dev.xdslb.load.EndpointLoad#expectedNanos()}). Times that differ by less than chance and noise do count as equal, and of equal
 * endpoints the less used one is taken, so that requests are spread evenly also where they come one by one.
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
    Comparison comparison(RandomGenerator chance, boolean counts) {
        return new ByResponseTime(chance, counts);
    }
}
