/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/**
 * How many requests ended and how many of them failed within the last ten seconds, in half-second slots. A window counts
 * exactly where a moving average would hide a burst at a high rate.
 *
 * <p>Advanced by one thread, the tick; read by any thread, both sums at once.
 */
final class SuccessWindow {
    /** Twenty ticks of half a second. */
    private static final int SLOTS = 20;

    private final int[] completedAt = new int[SLOTS]; // running totals at the end of each slot
    private final int[] failedAt = new int[SLOTS]; // 1:1 with completedAt
    private int slot;
    private volatile RecentOutcomes recent = RecentOutcomes.NONE;

    /** Ends a slot. Takes running totals, which may overflow: only their differences count. */
    void advance(int totalCompleted, int totalFailed) {
        int failed = Math.max(0, totalFailed - failedAt[slot]);
        // a success is taken back, and then counted as a failure: for a moment there is one less
        int completed = Math.max(failed, totalCompleted - completedAt[slot]);
        if (completed != recent.completed() || failed != recent.failed()) { // most endpoints of most services are idle
            recent = completed == 0 ? RecentOutcomes.NONE : new RecentOutcomes(completed, failed);
        }
        completedAt[slot] = totalCompleted;
        failedAt[slot] = totalFailed;
        slot = (slot + 1) % SLOTS;
    }

    RecentOutcomes recent() {
        return recent;
    }
}
