/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;

/**
 * What it takes to announce a change of one service, as a listener knows it from the last time.
 *
 * <p>A service is announced at most so often that it takes each of its clients {@value #BYTES_PER_CLIENT} bytes in a second, and all of them
 * together {@value #BYTES_OF_ALL}: a service of 5,000 endpoints is a message of 760 kB, and one that 5,000 clients use is 44 MB with
 * 50 endpoints already. However much it is, nobody waits longer than {@link #LONGEST_PAUSE}; where an endpoint is lost, half of the
 * pause, because clients would go on calling it. The first change after a pause never waits.
 *
 * @param bytes sent to one client, of the largest variant
 * @param clients how many are told
 */
public record AnnouncementCost(long bytes, long clients) {
    /** Nothing that would be worth a pause. */
    public static final AnnouncementCost NONE = new AnnouncementCost(0, 0);

    static final Duration LONGEST_PAUSE = Duration.ofSeconds(2);

    private static final long BYTES_PER_CLIENT = 1 << 20; // 8 Mbit/s
    private static final long BYTES_OF_ALL = 32 << 20; // 256 Mbit/s
    private static final double NANOS_PER_SECOND = 1e9;

    public AnnouncementCost {
        if (bytes < 0 || clients < 0) {
            throw new IllegalArgumentException("bytes: " + bytes + ", clients: " + clients + " (expected: >= 0)");
        }
    }

    /** Returns the more expensive one. */
    AnnouncementCost max(AnnouncementCost other) {
        return other.bytes * other.clients > bytes * clients ? other : this;
    }

    /**
     * Returns how long is waited between two announcements.
     *
     * @param loses whether an endpoint that got requests gets none any more
     */
    Duration pause(boolean loses) {
        double seconds = Math.max((double) bytes / BYTES_PER_CLIENT, (double) bytes * clients / BYTES_OF_ALL);
        double bounded = Math.min(seconds, (double) LONGEST_PAUSE.toSeconds()) / (loses ? 2 : 1);
        return Duration.ofNanos((long) (bounded * NANOS_PER_SECOND));
    }
}
