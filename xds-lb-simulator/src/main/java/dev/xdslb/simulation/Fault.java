/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * What is wrong with a pod for a while. Several may overlap. Requests that a worker has begun are not affected by a fault
 * that starts later, except by {@link #killed}.
 *
 * @param kind what is wrong
 * @param from when it starts, from the start of the simulation
 * @param until when it ends; {@link #FOR_EVER} for never
 * @param amount the factor or the share that the kind needs, else 0
 * @param time the response time that the kind needs, else zero
 */
public record Fault(Kind kind, Duration from, Duration until, double amount, Duration time) {
    /** Longer than any simulation. */
    public static final Duration FOR_EVER = Duration.ofDays(365);

    public Fault {
        requireNonNull(kind, "kind");
        if (from.isNegative() || until.compareTo(from) <= 0) {
            throw new IllegalArgumentException(
                    "fault from " + from + " until " + until + " (expected: 0 <= from < until)");
        }
    }

    /** What can be wrong with a pod. */
    public enum Kind {
        SLOW,
        FIXED_TIME,
        HUNG,
        FAILING,
        SHEDDING,
        NOT_READY,
        KILLED,
        REFUSING
    }

    /** Every request takes {@code factor} times as long. */
    public static Fault slow(Duration from, Duration until, double factor) {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("factor: " + factor + " (expected: > 0)");
        }
        return new Fault(Kind.SLOW, from, until, factor, Duration.ZERO);
    }

    /** Every request takes exactly this long. */
    public static Fault fixedTime(Duration from, Duration until, Duration time) {
        return new Fault(Kind.FIXED_TIME, from, until, 0, time);
    }

    /** Requests are accepted and not worked on until the fault ends. */
    public static Fault hung(Duration from, Duration until) {
        return new Fault(Kind.HUNG, from, until, 0, Duration.ZERO);
    }

    /** A share of the requests is answered with an error after {@code time}, without keeping a worker busy. */
    public static Fault failing(Duration from, Duration until, double share, Duration time) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
        }
        return new Fault(Kind.FAILING, from, until, share, time);
    }

    /**
     * A share of the requests is refused after {@code time}, without keeping a worker busy: the pod says that it takes no more at
     * the moment, as with HTTP 429.
     */
    public static Fault shedding(Duration from, Duration until, double share, Duration time) {
        if (!(share >= 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: 0 to 1)");
        }
        return new Fault(Kind.SHEDDING, from, until, share, time);
    }

    /** The pod is announced as not ready; what it gets, it serves. Ready again, it counts as ready since then. */
    public static Fault notReady(Duration from, Duration until) {
        return new Fault(Kind.NOT_READY, from, until, 0, Duration.ZERO);
    }

    /**
     * Nobody listens any more although the pod is announced as ready, as when its process is gone and nobody has noticed: it
     * refuses connections. What a worker has begun is still answered.
     */
    public static Fault refusing(Duration from, Duration until) {
        return new Fault(Kind.REFUSING, from, until, 0, Duration.ZERO);
    }

    /**
     * The pod dies with all its requests and is no longer announced. It refuses connections of clients that have not learned
     * of it yet. When the fault ends, a new pod takes its place.
     */
    public static Fault killed(Duration from, Duration until) {
        return new Fault(Kind.KILLED, from, until, 0, Duration.ZERO);
    }
}
