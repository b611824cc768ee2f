/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: doubling from one attempt to the next up to a maximum, and each time drawn
 * from the upper half, so that clients which lost the same control plane do not come back together. Not thread-safe.
 */
final class BackOff {
    private final long initialNanos;
    private final long maxNanos;
    private final RandomGenerator random;
    private long nextNanos;

    BackOff(Duration initial, Duration max, RandomGenerator random) {
        this.initialNanos = initial.toNanos();
        this.maxNanos = max.toNanos();
        this.random = random;
        this.nextNanos = initialNanos;
    }

    /** Returns the wait before the next attempt. */
    long nextDelayNanos() {
        return nextDelayNanos(maxNanos);
    }

    /**
     * Returns the wait before the next attempt of somebody who cannot wait longer.
     *
     * @param atMostNanos the longest wait
     */
    long nextDelayNanos(long atMostNanos) {
        long full = Math.min(nextNanos, atMostNanos);
        nextNanos = nextNanos > maxNanos / 2 ? maxNanos : nextNanos * 2;
        return full / 2 + (long) (random.nextDouble() * (full - full / 2));
    }

    /** Starts again from the first wait. */
    void reset() {
        nextNanos = initialNanos;
    }
}
