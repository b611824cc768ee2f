/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.apiguardian.api.API;

/**
 * How many retries one process may still send to a service, see {@link RetryBudgetSettings}. The requests are counted where they are
 * sent: each attempt that a lease is taken for counts as a request, and each retry takes one off again, because it is an attempt
 * as well. An attempt that nobody knows to be a retry counts as a request. A retry that was allowed and is never sent counts all the same.
 *
 * <p>Belongs to a {@link Cluster} and keeps its state for as long as that: whatever endpoints come and go, whatever the settings
 * become.
 *
 * <p><b>Writers:</b> every attempt, by one addition; retries, by compare-and-set; the tick or a retry, whoever is first, replaces the
 * history. No lock. <b>Lossy on purpose:</b> what is older than the window is taken off in steps of a tenth of it; and who asks
 * {@link #hasRoom} and counts later, as gRPC does, may send as many more as there are threads that do so at the same moment.
 */
@API(status = API.Status.EXPERIMENTAL)
public final class RetryBudget {
    /** Against sums such as 0.1 + 0.2: what is a whole number but for this counts as one. */
    private static final double ROUNDING = 1e-9;

    private static final AtomicReferenceFieldUpdater<RetryBudget, RetryHistory> HISTORY =
            AtomicReferenceFieldUpdater.newUpdater(RetryBudget.class, RetryHistory.class, "history");

    private final Cluster cluster; // whoever has the budget keeps the cluster, whose name then means the same budget
    private final LongSupplier nanoClock;
    private final LongAdder attempts = new LongAdder();
    private final AtomicLong retries = new AtomicLong();
    private final LongAdder refused = new LongAdder();
    private volatile RetryHistory history;

    RetryBudget(Cluster cluster, LongSupplier nanoClock) {
        this.cluster = cluster;
        this.nanoClock = nanoClock;
        this.history = RetryHistory.from(new RetryHistory.Mark(nanoClock.getAsLong(), 0, 0));
    }

    /**
     * Returns whether a retry may be sent now, and counts it: as a retry, or as refused. To be asked once for each retry that xds-lb
     * cannot see as one; those that it sees are counted without it.
     */
    public boolean tryRetry() {
        RetryBudgetSettings settings = settings();
        if (!settings.enabled()) {
            retries.incrementAndGet();
            return true;
        }
        RetryHistory.Mark start = windowStart(settings);
        while (true) {
            long present = retries.get();
            if (!hasRoom(settings, start, present)) {
                refused.increment();
                return false;
            }
            if (retries.compareAndSet(present, present + 1)) {
                return true;
            }
        }
    }

    /** Returns whether a retry might be sent now. Counts nothing: for retries that are counted when they are sent. */
    public boolean hasRoom() {
        RetryBudgetSettings settings = settings();
        return !settings.enabled() || hasRoom(settings, windowStart(settings), retries.get());
    }

    /** Returns how many retries were allowed since the cluster was made. */
    @API(status = API.Status.INTERNAL)
    public long retries() {
        return retries.get();
    }

    /** Returns how many retries were refused since the cluster was made. */
    @API(status = API.Status.INTERNAL)
    public long refused() {
        return refused.sum();
    }

    /** Returns what a retry that was refused is to be told. */
    @API(status = API.Status.INTERNAL)
    public RetryBudgetExceededException exceeded() {
        return new RetryBudgetExceededException(cluster.resource(), settings());
    }

    /** Counts a retry that is under way already. */
    @API(status = API.Status.INTERNAL)
    public void retried() {
        retries.incrementAndGet();
    }

    /** Counts a retry that was not sent because {@link #hasRoom} said no. */
    @API(status = API.Status.INTERNAL)
    public void refuse() {
        refused.increment();
    }

    /** Counts an attempt, be it a request's first or a retry. */
    void attempted() {
        attempts.increment();
    }

    /** Lets time pass. A service without requests costs no look at the clock. */
    void tick() {
        if (!history.isIdle(attempts.sum(), retries.get())) {
            windowStart(settings());
        }
    }

    private RetryHistory.Mark windowStart(RetryBudgetSettings settings) {
        RetryHistory present = history;
        long now = nanoClock.getAsLong();
        long window = settings.window().toNanos();
        if (!present.isDue(now, window)) {
            return present.start();
        }
        RetryHistory next = present.with(mark(now), window);
        HISTORY.compareAndSet(this, present, next); // where another was first, that one's is as good
        return next.start();
    }

    private boolean hasRoom(RetryBudgetSettings settings, RetryHistory.Mark start, long present) {
        long retried = present - start.retries();
        long requests = Math.max(0, attempts.sum() - start.attempts() - retried);
        return retried + 1 <= settings.allowed(requests) + ROUNDING;
    }

    private RetryHistory.Mark mark(long now) {
        return new RetryHistory.Mark(now, attempts.sum(), retries.get());
    }

    private RetryBudgetSettings settings() {
        return cluster.settings().retryBudget();
    }
}
