/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A change on its way to the clients, for the meters. One object for all streams that hear of it.
 *
 * @param since when it began, as whoever caused it says; null when nobody does
 * @param atNanos when the streams were told; see {@link System#nanoTime}
 */
record Announcement(@Nullable Instant since, long atNanos) {

    /** Returns what has waited longest of both, which is what a client has to wait for. */
    static @Nullable Announcement oldest(@Nullable Announcement one, @Nullable Announcement other) {
        if (one == null || other == null || one.equals(other)) {
            return one == null ? other : one;
        }
        Instant since = one.since;
        if (since == null || (other.since != null && other.since.isBefore(since))) {
            since = other.since;
        }
        return new Announcement(since, one.atNanos - other.atNanos < 0 ? one.atNanos : other.atNanos);
    }
}
