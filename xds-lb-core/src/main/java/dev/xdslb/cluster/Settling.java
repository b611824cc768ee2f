/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.Cluster.Registration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/**
 * When those who wait for a cluster go on: as soon as there is an answer, or when the time for it is over. Happens once. Any thread
 * writes and reads; the timers are guarded by this, which is never held while anybody is told.
 */
final class Settling {
    private static final Registration NOTHING = () -> {};

    private final Executor executor;
    private final CompletableFuture<Void> stage = new CompletableFuture<>();
    private volatile boolean settled; // before the stage completes
    private Registration halfTime = NOTHING; // guarded by this
    private Registration fullTime = NOTHING; // guarded by this

    /**
     * Makes one for which no time runs yet.
     *
     * @param executor tells those who wait: what they do then may take long
     */
    Settling(Executor executor) {
        this.executor = executor;
    }

    CompletionStage<Void> stage() {
        return stage.minimalCompletionStage();
    }

    boolean isSettled() {
        return settled;
    }

    /** Lets the time run; nothing is run any more once it has settled, but for what is under way. */
    void start(Deadlines deadlines, Duration timeout, Runnable onHalfTime, Runnable onTimeOver) {
        Registration half = deadlines.after(timeout.dividedBy(2), onHalfTime);
        Registration full = deadlines.after(timeout, onTimeOver);
        synchronized (this) {
            halfTime = half;
            fullTime = full;
        }
        if (settled) {
            stopTimers();
        }
    }

    /** Lets everybody go on. */
    void settle() {
        if (settled) {
            return;
        }
        settled = true;
        stopTimers();
        try {
            executor.execute(() -> stage.complete(null));
        } catch (Throwable e) { // no thread to be had
            stage.complete(null);
        }
    }

    private void stopTimers() {
        Registration half;
        Registration full;
        synchronized (this) {
            half = halfTime;
            full = fullTime;
        }
        half.close();
        full.close();
    }
}
