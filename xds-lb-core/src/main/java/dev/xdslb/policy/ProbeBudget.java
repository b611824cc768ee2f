/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * How many of a cluster's requests may be probes at this moment: a share of those that have ended. Without a bound, a client of
 * few requests and many dead endpoints sends nothing but probes.
 *
 * <p>Filled by the tick, on one thread; emptied by picking threads with one compare-and-set, and looked at by them only while
 * an endpoint waits for its probe.
 */
final class ProbeBudget {
    /**
     * The most probes that are saved up: those of the first half minute of an ejection that doubles from a second on, so that
     * one failing endpoint of a quiet service is probed as soon as it is due.
     */
    static final int MOST_SAVED = 5;

    private static final AtomicIntegerFieldUpdater<ProbeBudget> PROBES =
            AtomicIntegerFieldUpdater.newUpdater(ProbeBudget.class, "probes");

    private volatile double share;
    private double part; // of a probe, 0 to 1; touched by the tick only
    private volatile int probes = MOST_SAVED;
    private volatile boolean resting; // set by picks, ended by the tick

    /**
     * Makes a full budget.
     *
     * @param share of the requests, above 0, at most 1
     */
    ProbeBudget(double share) {
        this.share = share;
    }

    /** Lets another share of the requests be probes from now on. */
    void share(double newShare) {
        share = newShare;
    }

    /** Returns whether a probe may be sent now. */
    boolean hasRoom() {
        return probes > 0 && !resting;
    }

    /**
     * Lets nobody look for a probe until the next tick: a pick has come upon an endpoint whose probe is under way. Where all are,
     * such as five hundred that hang, each pick would look at one in vain.
     */
    void rest() {
        resting = true;
    }

    /** Returns whether a probe may be sent, and counts it. */
    boolean take() {
        while (true) {
            int present = probes;
            if (present <= 0) {
                return false;
            }
            if (PROBES.compareAndSet(this, present, present - 1)) {
                return true;
            }
        }
    }

    /**
     * Adds the share of what has ended since the last time. What came within one tick is kept whole, however much it is.
     *
     * @param ended the number of requests, 0 or more
     */
    void refill(long ended) {
        resting = false;
        part += ended * share;
        int whole = (int) Math.min(part, Integer.MAX_VALUE / 2.0);
        part -= whole;
        if (whole > 0) {
            PROBES.getAndUpdate(
                    this, present -> Math.max(present, Math.min(present + whole, Math.max(MOST_SAVED, whole))));
        }
    }
}
