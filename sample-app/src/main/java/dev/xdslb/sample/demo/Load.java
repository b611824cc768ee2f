/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends requests at a steady rate, whether or not the earlier ones have been answered: a client that slows down with its
 * server would hide how slow the server is.
 */
final class Load implements AutoCloseable {
    /** After a longer pause (a laptop asleep) the missed requests are not made up for. */
    private static final long MAX_LAG_NANOS = Duration.ofMillis(500).toNanos();

    private static final Logger log = LoggerFactory.getLogger(Load.class);

    /** A program that has just started is slow; the full load at once would be answered late and called a failure. */
    static final Duration RAMP = Duration.ofSeconds(5);

    private static final double FIRST_SHARE = 0.1;

    private final Caller caller;
    private final Measurements measurements;
    private final long intervalNanos;
    private final Thread thread;
    private volatile boolean stopped;

    /** Makes the load of one client; {@link #start} sets it off. */
    Load(Caller caller, Measurements measurements, int requestsPerSecond) {
        this.caller = caller;
        this.measurements = measurements;
        this.intervalNanos = Duration.ofSeconds(1).toNanos() / requestsPerSecond;
        this.thread = new Thread(this::run, "load-" + caller.kind().id());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    @Override
    public void close() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    private void run() {
        long start = System.nanoTime();
        long next = start;
        while (!stopped) {
            long wait = next - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(wait);
                continue;
            }
            next = -wait > MAX_LAG_NANOS ? System.nanoTime() : next + (long) (intervalNanos / shareAt(next - start));
            MeasuredRequest request = measurements.begin(caller.kind());
            try {
                caller.send(request);
            } catch (RuntimeException e) {
                log.debug("{}: request not sent", caller.kind().id(), e);
                request.failed();
            }
        }
    }

    /** Returns the share of the full rate at a time after the start. */
    private static double shareAt(long nanos) {
        return Math.min(1, FIRST_SHARE + (1 - FIRST_SHARE) * nanos / RAMP.toNanos());
    }
}
