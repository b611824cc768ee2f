/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.fault;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The proof of life of one thread: it counts as alive because it was heard from, not because nobody saw it end. The
 * thread itself beats; everybody reads.
 */
public final class Pulse implements AutoCloseable {
    /** Far above what a turn takes, collection of garbage included; far below what a person waits before looking. */
    public static final Duration MAX_SILENCE = Duration.ofSeconds(60);

    private final String thread;
    private final LongSupplier nanoClock;
    private final Consumer<Pulse> onClose;
    private volatile long beatAt;
    private volatile @Nullable Thread watched; // null while it is no one thread, or has not begun

    Pulse(String thread, LongSupplier nanoClock, Consumer<Pulse> onClose) {
        this.thread = thread;
        this.nanoClock = nanoClock;
        this.onClose = onClose;
        this.beatAt = nanoClock.getAsLong();
    }

    String thread() {
        return thread;
    }

    /** Says that the thread is there. */
    public void beat() {
        beatAt = nanoClock.getAsLong();
    }

    /** Says whose pulse it is, so that its end is seen at once. */
    public void of(Thread thread) {
        watched = thread;
    }

    /** Returns what is wrong, empty when nothing is. */
    String problem() {
        Thread one = watched;
        if (one != null && !one.isAlive()) {
            return "has ended";
        }
        long silent = nanoClock.getAsLong() - beatAt;
        return silent > MAX_SILENCE.toNanos()
                ? "not heard from for " + TimeUnit.NANOSECONDS.toSeconds(silent) + " s"
                : "";
    }

    /** Says that the thread ends because it is to end. */
    @Override
    public void close() {
        onClose.accept(this);
    }
}
