/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.Cluster.Registration;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** Runs something when a time is over, whatever the tick, the source and the fallbacks do meanwhile. */
@FunctionalInterface
interface Deadlines {
    /** For clocks that the caller drives: the tick is all there is. */
    Deadlines BY_TICK = (time, action) -> () -> {};

    /** Runs this once, after the time, unless the registration is closed before. */
    Registration after(Duration time, Runnable action);

    /** Makes deadlines that are kept by the JDK's own timer and met on the executor. */
    static Deadlines on(Executor executor) {
        return (time, action) -> {
            CompletableFuture<Void> timer = new CompletableFuture<>();
            CompletableFuture<Void> unused = timer.thenRunAsync(action, executor);
            timer.completeOnTimeout(null, time.toNanos(), TimeUnit.NANOSECONDS);
            return () -> timer.cancel(false);
        };
    }
}
