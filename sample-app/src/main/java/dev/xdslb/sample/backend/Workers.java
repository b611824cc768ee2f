/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import java.util.Arrays;

/**
 * A pod's capacity: so many requests at a time, the others wait their turn. Nothing runs here; it says only when a request
 * that arrives now would be done. Thread-safe.
 */
final class Workers {
    private final long[] freeAt; // guarded by this; one per worker, in the clock's nanoseconds
    private final long maxWaitNanos;

    /**
     * Makes idle workers.
     *
     * @param now the present time, as {@link System#nanoTime} gives it
     */
    Workers(int count, long maxWaitNanos, long now) {
        this.freeAt = new long[count];
        this.maxWaitNanos = maxWaitNanos;
        Arrays.fill(freeAt, now);
    }

    /**
     * Hands a request to the worker that is free first.
     *
     * @return after how many nanoseconds it is done, or -1 where it would wait too long and is refused
     */
    synchronized long accept(long now, long serviceNanos) {
        int first = 0;
        for (int i = 1; i < freeAt.length; i++) {
            if (freeAt[i] - freeAt[first] < 0) {
                first = i;
            }
        }
        long wait = Math.max(0, freeAt[first] - now);
        if (wait > maxWaitNanos) {
            return -1;
        }
        freeAt[first] = now + wait + serviceNanos;
        return wait + serviceNanos;
    }
}
