/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;

/**
 * For how long this process has seen an endpoint ready, by a clock that only goes forward, short interruptions apart. Written
 * by the tick; read by whoever makes a plan, who may see it half a second late.
 */
final class ReadyWatch {
    private boolean ready; // touched by the tick only, as are the two times
    private long readySince; // nanoseconds of the clock; only where begun
    private long lastReady; // nanoseconds of the clock; only where begun
    private boolean begun; // touched by the tick only
    private volatile long seenNanos;

    ReadyWatch() {}

    /**
     * Looks.
     *
     * @param flap one that was not ready for no longer than this is as old as before
     */
    void look(boolean isReady, long nanos, Duration flap) {
        if (isReady) {
            boolean anew = !begun || (!ready && nanos - lastReady > flap.toNanos());
            if (anew) {
                readySince = nanos;
                begun = true;
            }
            lastReady = nanos;
            seenNanos = nanos - readySince;
        } else if (begun && nanos - lastReady > flap.toNanos()) {
            seenNanos = 0;
        }
        ready = isReady;
    }

    /** Returns how long it was at the last look, zero where it was never ready. */
    Duration seenFor() {
        return Duration.ofNanos(seenNanos);
    }
}
