/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.time.Duration;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads of one registry, all daemons: one that ticks, some that try connections, and for what may block as many as there is
 * to do, so that nothing that blocks waits for anything else that does.
 */
final class RegistryThreads {
    private final ScheduledExecutorService ticker = Executors.newSingleThreadScheduledExecutor(daemons("xds-lb-tick"));
    private final ExecutorService blocking = Executors.newCachedThreadPool(daemons("xds-lb-blocking"));
    private final TcpConnect connects = new TcpConnect(daemons("xds-lb-connect"));

    /** Ticks from now on. */
    void startTick(Runnable tick, Duration every) {
        Runnable guarded = () -> {
            try {
                tick.run();
            } catch (Throwable e) {
                // A scheduled task that throws is never run again. The tick says itself what fails in it; what is left
                // is
                // that there is no memory to say it with.
            }
        };
        ScheduledFuture<?> unused =
                ticker.scheduleWithFixedDelay(guarded, every.toNanos(), every.toNanos(), TimeUnit.NANOSECONDS);
    }

    Executor blocking() {
        return blocking;
    }

    ConnectionCheck connects() {
        return connects;
    }

    void stop() {
        ticker.shutdownNow();
        blocking.shutdownNow();
        connects.close();
    }

    private static ThreadFactory daemons(String name) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, name + '-' + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
