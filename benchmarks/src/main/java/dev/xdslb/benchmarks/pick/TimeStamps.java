/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

/** What a balancer that measures response times cannot do without: two readings of the clock. */
final class TimeStamps implements MeasuredBalancer {
    @SuppressWarnings("UnusedVariable") // written so that the readings cannot be left out
    private volatile long elapsed;

    @Override
    public Object pickAndRelease() {
        long before = System.nanoTime();
        long after = System.nanoTime();
        if (after < before) {
            elapsed = after - before; // never: the clock does not go back
        }
        return this;
    }
}
