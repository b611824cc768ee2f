/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import java.time.Duration;

/**
 * How long nothing was heard of one kind of objects, and whether its watch is to be renewed for that. A connection may be open and
 * dead: the other side lost its power, a load balancer between forgot it. An API server tells every watch about once a minute how
 * far it is, changed or not ({@code BOOKMARK}).
 *
 * <pre>
 * word ── 80 s ──▶ too long: listed and watched anew ── 160 s ──▶ anew ── 320 s ──▶ anew ── 10 min ──▶ …
 * </pre>
 *
 * <p>The pauses grow, because not everything that speaks for an API server sends bookmarks: with a fake one every watch is silent by
 * nature. A word of the renewed watch makes the next pause short again. Confined to one thread.
 */
final class WatchSilence {
    /** A bookmark is due after 60 s (defaultBookmarkFrequency of k8s.io/apiserver), and may be late by a few. */
    static final Duration WATCHING = Duration.ofSeconds(80);

    /** As long as the client lets a watch live at most. */
    static final Duration LONGEST = Duration.ofMinutes(10);

    /** One page of a list: a slow API server may need its own limit of a minute to begin it, and a thin line as long to carry it. */
    static final Duration LISTING = Duration.ofMinutes(5);

    private long wordAt; // nanoseconds
    private long patience = WATCHING.toNanos();

    WatchSilence(long now) {
        wordAt = now;
    }

    /** Learns that something was heard. */
    void word(long now) {
        wordAt = now;
        patience = WATCHING.toNanos();
    }

    /** Returns whether the last silence that was too long followed another one: then silence is usual here. */
    boolean isUsual() {
        return patience > 2 * WATCHING.toNanos();
    }

    /** Learns that the watch was renewed, or has begun after a list. */
    void renewed(long now) {
        wordAt = now;
    }

    /**
     * Returns whether nothing was heard for too long; then the next silence may be longer.
     *
     * @param watching false while a list is under way
     */
    boolean isTooLong(long now, boolean watching) {
        long bound = watching ? patience : LISTING.toNanos();
        if (now - wordAt < bound) {
            return false;
        }
        wordAt = now;
        if (watching) {
            patience = Math.min(2 * patience, LONGEST.toNanos());
        }
        return true;
    }
}
