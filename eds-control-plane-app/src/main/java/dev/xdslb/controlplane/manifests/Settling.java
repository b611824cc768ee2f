/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * Waits after a change in a folder until nothing more changes. Saving one file makes several events, and half of it may be there in
 * between. Something that is written all the time keeps the rest from being read no longer than {@link #LONGEST}.
 */
final class Settling {
    static final Duration QUIET = Duration.ofMillis(30);
    static final Duration LONGEST = Duration.ofMillis(300);

    private final LongSupplier nanoClock;

    Settling(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
    }

    /** Where changes come from. */
    @FunctionalInterface
    interface Changes {
        /** Returns whether something changes within so many nanoseconds. */
        boolean within(long nanos) throws InterruptedException;
    }

    /** Returns when nothing has changed for {@link #QUIET}, or when it is enough. */
    void await(Changes changes) throws InterruptedException {
        long end = nanoClock.getAsLong() + LONGEST.toNanos();
        long left;
        do {
            left = Math.min(QUIET.toNanos(), end - nanoClock.getAsLong());
        } while (left > 0 && changes.within(left));
    }
}
