/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.FaultBoundary;
import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * The one thread on which all state of the client lives. What is handed to it after its end is dropped. Whatever a task throws
 * is said and ends nothing but the task; then what was to go on is made to.
 */
final class SerialExecutor implements Executor {
    private final ScheduledExecutorService thread;
    private final FaultBoundary boundary;
    private volatile Runnable afterFault = () -> {};

    /** Takes over an executor that runs one task at a time. */
    SerialExecutor(ScheduledExecutorService thread, FaultBoundary boundary) {
        this.thread = thread;
        this.boundary = boundary;
    }

    /** Makes a daemon thread that runs one task at a time. */
    static ScheduledExecutorService thread(String name) {
        ScheduledThreadPoolExecutor thread = new ScheduledThreadPoolExecutor(
                1,
                task -> {
                    Thread daemon = new Thread(task, name);
                    daemon.setDaemon(true);
                    return daemon;
                },
                new ThreadPoolExecutor
                        .DiscardPolicy()); // a transport reports its end to a client that is closed by then
        thread.setRemoveOnCancelPolicy(true);
        thread.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return thread;
    }

    /** Has this run after a task has failed. */
    void afterFault(Runnable goOn) {
        afterFault = goOn;
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(() -> run(task));
    }

    ScheduledFuture<?> schedule(Runnable task, long delayNanos) {
        return thread.schedule(() -> run(task), delayNanos, TimeUnit.NANOSECONDS);
    }

    /** Runs it now, on the thread itself. */
    void run(Runnable task) {
        if (!boundary.run(task)) {
            boundary.run(afterFault);
        }
    }

    /** Says that something has failed which its caller deals with. */
    void failed(Throwable failure) {
        boundary.failed(failure);
    }

    void shutdown() {
        thread.shutdown();
    }
}
