/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.time.Duration;

/**
 * How many endpoints stand in for others in one zone. They stay for a while after the others are well again: what is ejected for a
 * second, and again a second later, must not make and end a connection each time. Used by one thread at a time.
 */
final class StandIns {
    static final Duration STAYS_FOR = Duration.ofSeconds(30);

    private int kept;
    private long neededAt; // nanoseconds of the clock; when the last of them was needed

    /**
     * Returns how many stand in.
     *
     * @param needed how many are needed now
     * @param now nanoseconds of the clock
     */
    int kept(int needed, long now) {
        if (needed >= kept || now - neededAt >= STAYS_FOR.toNanos()) {
            kept = needed;
            neededAt = now;
        }
        return kept;
    }
}
