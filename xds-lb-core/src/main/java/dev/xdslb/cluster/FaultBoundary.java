/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.time.Duration;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs code that may fail in any way, an {@link Error} included, and lets nothing of it out. A failure is logged with its trace
 * when it is the first one since the code last worked, and counted each time.
 *
 * <pre>
 * works ── fails ──▶ failing: logged once ── works, and has not failed for 30 s ──▶ works: logged once
 * </pre>
 *
 * <p>So what fails now and then is not logged each time. Make one boundary for each thing that can fail for a reason of its own,
 * keep it, and close it with what it is around. Thread-safe: any thread runs through it; the fields are guarded by this, but for
 * {@code failing}, which is read without.
 */
public final class FaultBoundary implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FaultBoundary.class);

    /** For how long nothing must fail before it is said to work again. */
    static final Duration QUIET = Duration.ofSeconds(30);

    private final Faults faults;
    private final String what;
    private final String consequence;
    private volatile boolean failing; // written under the lock
    private boolean closed;
    private long times;
    private long failedAt; // nanoseconds of the clock
    private String error = "";

    FaultBoundary(Faults faults, String what, String consequence) {
        this.faults = faults;
        this.what = what;
        this.consequence = consequence;
    }

    /** Runs this; returns whether it worked. */
    public boolean run(Runnable code) {
        try {
            code.run();
        } catch (Throwable e) {
            failed(e);
            return false;
        }
        worked();
        return true;
    }

    /** Returns what this returns; null where it failed or returned null. */
    public <T> @Nullable T call(Supplier<? extends @Nullable T> code) {
        T result;
        try {
            result = code.get();
        } catch (Throwable e) {
            failed(e);
            return null;
        }
        worked();
        return result;
    }

    /** Says that it failed, for a caller that does its own catching. Throws nothing. */
    @SuppressWarnings("InterruptedExceptionSwallowed") // the thread is told so
    public void failed(Throwable failure) {
        if (failure instanceof InterruptedException) {
            Thread.currentThread().interrupt();
        }
        try {
            if (count(failure)) {
                log.error("{} failed; {}", what, consequence, failure);
            }
        } catch (Throwable e) { // a message that cannot be made, a log that cannot be written, no memory for either
            quietly(failure);
        }
    }

    /** Says that it worked, for a caller that does its own catching. Throws nothing. */
    public void worked() {
        if (!failing) {
            return;
        }
        try {
            long over = endOfTrouble();
            if (over > 0) {
                log.info("{} works again, after {} failures", what, over);
            }
        } catch (Throwable e) { // as above; it is said to work next time
            quietly(e);
        }
    }

    /** Returns whether it fails at present. */
    public boolean isFailing() {
        return failing;
    }

    /** Forgets that it fails: what it is around is not used at present. What fails later is logged again. */
    public synchronized void forget() {
        failing = false;
        faults.over(this);
    }

    /** Forgets that it fails: what it was around is gone. What fails later is counted, and neither logged nor shown. */
    @Override
    public synchronized void close() {
        closed = true;
        failing = false;
        faults.over(this);
    }

    synchronized Fault fault() {
        return new Fault(what, error, times);
    }

    /** Returns whether this is the first failure of something that is still there. */
    private synchronized boolean count(Throwable failure) {
        faults.failed();
        if (closed) {
            return false;
        }
        boolean first = !failing;
        times = first ? 1 : times + 1;
        failedAt = faults.now();
        error = describe(failure);
        failing = true;
        faults.begun(this);
        return first;
    }

    private synchronized long endOfTrouble() {
        if (!failing || faults.now() - failedAt < QUIET.toNanos()) {
            return 0;
        }
        failing = false;
        faults.over(this);
        return times;
    }

    /** Returns what a failure says of itself, and its class where it says nothing. */
    static String describe(Throwable failure) {
        try {
            return failure.toString();
        } catch (Throwable e) { // the message of somebody's exception is somebody's code, too
            return failure.getClass().getName();
        }
    }

    /** Says what it can without anything that may have failed. */
    private void quietly(Throwable failure) {
        try {
            log.error("{} failed with {}; {}", what, failure.getClass().getName(), consequence);
        } catch (Throwable e) {
            // nothing is left to say it with; it was counted, and whoever runs through a boundary goes on
        }
    }
}
