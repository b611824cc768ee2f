/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change on its way to the clients. One object for all streams that hear of it.
 *
 * @param since when it began, as whoever caused it says; null when nobody does
 * @param atNanos when it could be looked up; see {@link System#nanoTime}
 * @param pace that learns what it costs
 */
record Announcement(@Nullable Instant since, long atNanos, FanOutPace pace) {

    /** Returns what has waited longest of both, which is what a client has to wait for. */
    static Announcement oldest(Announcement one, Announcement other) {
        Instant since = one.since;
        if (since == null || (other.since != null && other.since.isBefore(since))) {
            since = other.since;
        }
        return new Announcement(since, one.atNanos - other.atNanos < 0 ? one.atNanos : other.atNanos, one.pace);
    }
}
