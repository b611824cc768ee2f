/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.concurrent.atomic.AtomicLongFieldUpdater;

/**
 * Where one endpoint stands between trusted and ejected.
 *
 * <pre>
 *            5 failures in a row                 time is up
 *  TRUSTED ──────────────────────▶ EJECTED ──────────────────▶ PROBED
 *     ▲ ▲                           │ ▲                          │ │
 *     │ └── time is up, and a lost ─┘ │                          │ │
 *     │     connection can be made    │                          │ │
 *     └───────────────────────────────┼── the probe succeeds ────┘ │
 *                                     └── the probe fails ─────────┘
 * </pre>
 *
 * <p>The phase is written by {@link OutlierEjection} only, under its lock; the probe's turn is taken by picking threads
 * with one compare-and-set; an avoidance is begun by any thread and ended by the tick. Read by any thread.
 */
final class EjectionState {
    private static final AtomicLongFieldUpdater<EjectionState> PROBE_FREE_AT =
            AtomicLongFieldUpdater.newUpdater(EjectionState.class, "probeFreeAt");

    volatile Phase phase = Phase.TRUSTED;
    /** How many times in a row it was ejected; 0 after it was trusted for long enough. Guarded by OutlierEjection. */
    int ejections;
    /** The tick in which the ejected were too many for one more. Guarded by OutlierEjection. */
    long refusedInTick = -1;
    /** When it was last ejected or trusted again, in nanoseconds of the clock. Guarded by OutlierEjection. */
    long changedAt;
    /** When the ejection is over, in nanoseconds of the clock; only where phase is EJECTED. */
    long ejectedUntil;
    /** From when on the next request may be the probe, in nanoseconds of the clock; where PROBED, or unproven. */
    private volatile long probeFreeAt;

    /** Whether it has just refused or reset a connection. Apart from the phase: it may be trusted all the same. */
    private volatile boolean avoided;
    /** When the avoidance is over, in nanoseconds of the clock; only where avoided. */
    private volatile long avoidedUntil;

    /** Whether the newest plan that could use it left it out, for whatever reason. Of two plans at the same moment either may be it. */
    volatile boolean leftOut;

    /** Whether a connection to it can be made. */
    final Reachability reachability = new Reachability();
    /** What the tick has seen of its requests. */
    final OutcomeTally tally = new OutcomeTally();
    /** Whether a connection to it could not be made since it was ejected. Guarded by OutlierEjection. */
    boolean connectionLost;

    EjectionState() {}

    /** Returns whether it was not avoided before. Of two threads at the same moment both may be told so. */
    boolean avoid(long now, long nanos) {
        avoidedUntil = now + nanos;
        boolean before = avoided;
        avoided = true;
        return !before;
    }

    boolean isAvoided() {
        return avoided;
    }

    /** Returns when the avoidance is over, in nanoseconds of the clock; only where it {@link #isAvoided()}. */
    long avoidedUntil() {
        return avoidedUntil;
    }

    /** Returns whether an avoidance ended. */
    boolean endAvoidance(long now) {
        if (!avoided || now - avoidedUntil < 0) {
            return false;
        }
        avoided = false;
        return true;
    }

    /** Ends an avoidance, however long it was to last. */
    void endAvoidance() {
        avoided = false;
    }

    /** Opens the way for one probe. */
    void startProbing(long now) {
        freeProbe(now);
        phase = Phase.PROBED;
    }

    /** Lets the next request that may be the probe be it. */
    void freeProbe(long now) {
        probeFreeAt = now;
    }

    /**
     * Takes the probe's turn. The turn comes back by itself: a request that was picked and then never sent, or that
     * hangs, must not keep the endpoint out for ever.
     */
    boolean tryProbe(long now, long turnNanos) {
        long freeAt = probeFreeAt;
        return now - freeAt >= 0 && PROBE_FREE_AT.compareAndSet(this, freeAt, now + turnNanos);
    }

    /** Returns whether the probe's turn can be taken, without taking it. */
    boolean isProbeDue(long now) {
        return now - probeFreeAt >= 0;
    }

    /** How far the endpoint is trusted. */
    enum Phase {
        TRUSTED,
        EJECTED,
        PROBED
    }
}
