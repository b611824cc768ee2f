/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import java.util.concurrent.Executor;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The one thread on which all state of the client lives. What is handed to it after its end is dropped. */
final class SerialExecutor implements Executor {
    private static final Logger log = LoggerFactory.getLogger(SerialExecutor.class);

    private final ScheduledExecutorService thread;

    /** Takes over an executor that runs one task at a time. */
    SerialExecutor(ScheduledExecutorService thread) {
        this.thread = thread;
    }

    /** Makes an executor with a daemon thread of its own. */
    static SerialExecutor withThread(String name) {
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
        return new SerialExecutor(thread);
    }

    @Override
    public void execute(Runnable task) {
        thread.execute(guarded(task));
    }

    ScheduledFuture<?> schedule(Runnable task, long delayNanos) {
        return thread.schedule(guarded(task), delayNanos, TimeUnit.NANOSECONDS);
    }

    void shutdown() {
        thread.shutdown();
    }

    /** A scheduled executor would keep the failure in a future that nobody asks. */
    private static Runnable guarded(Runnable task) {
        return () -> {
            try {
                task.run();
            } catch (RuntimeException e) {
                log.error("the xDS client failed at a task and goes on without it", e);
            }
        };
    }
}
