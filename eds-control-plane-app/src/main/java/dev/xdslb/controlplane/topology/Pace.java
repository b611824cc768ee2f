/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;

/**
 * Decides when the collected changes of one thing are announced: a change after a quiet time at once, further ones together.
 *
 * <pre>
 *  changes    x      x x  x x               x
 *  announced  x             |quiet|x        x
 *             at once       one for all     at once
 * </pre>
 *
 * Changes that never pause are announced every {@code maximum}. A change that may wait (a Pod's, which comes just before
 * that of its slice) is never announced at once, but along with the next one. Confined to the writer thread; times are those of
 * {@link System#nanoTime()}.
 */
final class Pace {
    private final long quiet;
    private final long maximum;

    private boolean pending;
    private boolean urgentPending;
    private boolean anythingAnnounced;
    private long announcedAt;
    private long firstPendingAt;
    private long firstUrgentAt;
    private long lastPendingAt;

    Pace(Duration quiet, Duration maximum) {
        this.quiet = quiet.toNanos();
        this.maximum = maximum.toNanos();
    }

    void changed(long now, boolean urgent) {
        if (!pending) {
            pending = true;
            firstPendingAt = now;
        }
        if (urgent && !urgentPending) {
            urgentPending = true;
            firstUrgentAt = now;
        }
        lastPendingAt = now;
    }

    boolean isPending() {
        return pending;
    }

    /** Returns how long to wait from now on until the changes are to be announced; 0 or less means now. */
    long nanosUntilDue(long now) {
        boolean afterIdle = !anythingAnnounced || firstUrgentAt - announcedAt >= quiet;
        if (urgentPending && afterIdle) {
            return 0;
        }
        return Math.min(lastPendingAt + quiet - now, firstPendingAt + maximum - now);
    }

    /** Returns how long ago something was announced; {@link Long#MAX_VALUE} for never. */
    long nanosSinceAnnounced(long now) {
        return anythingAnnounced ? now - announcedAt : Long.MAX_VALUE;
    }

    /** Nothing is pending any more. What turned out to look the same as before was not announced, so it delays nothing. */
    void done(long now, boolean announced) {
        pending = false;
        urgentPending = false;
        if (announced) {
            anythingAnnounced = true;
            announcedAt = now;
        }
    }
}
