/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import java.time.Duration;
import java.util.function.LongSupplier;

/** A clock that stands still until it is moved. Starts near the overflow of nanoTime, where naive comparisons break. */
public final class FakeNanoClock implements LongSupplier {
    private volatile long now = Long.MAX_VALUE - Duration.ofSeconds(3).toNanos();

    @Override
    public long getAsLong() {
        return now;
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // moved by one test thread
    public void advance(Duration duration) {
        now += duration.toNanos();
    }
}
