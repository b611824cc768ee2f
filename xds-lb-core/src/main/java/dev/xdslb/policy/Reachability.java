/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

/**
 * What is known about whether a connection to one endpoint can be made. Written by {@link ConnectionChecks} only, under its
 * lock; {@link #isUnreachable()} is read by any thread.
 *
 * <pre>
 *           a request's connection fails               the check fails
 *  (unsaid) ────────────────────────────▶ being checked ──────────────▶ unreachable ─┐
 *      ▲                                       │                          ▲    │     │ checked again, ever
 *      └───────────── it succeeds ─────────────┘                          └────┼─────┘ more rarely
 *      ▲                                                                       │
 *      └───────────── the check succeeds; the next failure of a request ejects ┘
 * </pre>
 */
final class Reachability {
    /** Whether it is to be checked, from {@link #nextAt} on. */
    boolean wanted;
    /** Whether a check is under way. */
    boolean underWay;
    /** When the next check is due, in nanoseconds of the clock; only where wanted. */
    long nextAt;
    /** How many checks failed one after another, a short success between them not counted. */
    int failed;
    /** Whether a check has ever succeeded, and when the last one did, in nanoseconds of the clock. */
    boolean everConnected;

    long connectedAt;
    /**
     * How many of its requests had succeeded when a check had failed and none was in flight: one more disproves what checks
     * say. {@link Long#MAX_VALUE} where that is not known: an endpoint that goes accepts no more and ends what it has.
     */
    long succeededBefore = Long.MAX_VALUE;
    /** Whether {@link #succeededBefore} is to be read at the next tick, which has added up what ended before. */
    boolean settling;
    /** How many of its requests ended because of the connection, ever. */
    int connectionFailures;

    private volatile boolean unreachable;

    Reachability() {}

    /** Returns whether connections to it have failed, and go on failing. */
    boolean isUnreachable() {
        return unreachable;
    }

    void unreachable(boolean now) {
        unreachable = now;
    }
}
