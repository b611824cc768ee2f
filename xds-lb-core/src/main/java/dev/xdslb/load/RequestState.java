/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/**
 * What is remembered of one request in flight, in one number: when it started, how it is counted, and how far it has come.
 *
 * <pre>
 *  begin ──▶ OPEN ───────────── first message ──────────▶ ANSWERED ──┐
 *             │ ▲──── starts anew ───────────┐               │       │
 *             │ └──── becomes a stream ──────┐       becomes │       │
 *             │                              ▼      a stream ▼       ├──▶ ENDED
 *  beginStream ─────────────────────▶ OPEN STREAM ──▶ ANSWERED STREAM┤
 *             └──────────────────────────────┴───────────────────────┘
 * </pre>
 *
 * <p>Whoever keeps the number changes it by one compare-and-set for each arrow, and only then has {@link EndpointLoad} count the
 * change, so that each arrow is counted once, whoever else tries. The state that follows is a function of the state before:
 * what the end takes away is known without waiting for the thread that has just added it.
 *
 * <p>The lowest five bits; the others hold the start, to 32 ns:
 *
 * <pre>
 *  BOUNDED  STREAM  ANSWERED  TIMED  SECOND_WORD
 *     0       0        0        t         w       open, its time to be measured (t), counted in the first or second word (w)
 *     1       1        1        t         w       answered, its time still to be measured at its end (t)
 *     0       1        0        0         0       open stream
 *     0       1        1        0         0       answered stream
 *     0       1        0        0         1       ended
 * </pre>
 */
public final class RequestState {
    /** Nothing that a request can be in before it has ended. */
    public static final long ENDED = 0b01001;

    static final long SECOND_WORD = 0b00001;
    static final long TIMED = 0b00010;
    static final long ANSWERED = 0b00100;
    static final long STREAM = 0b01000;
    static final long START_MASK = ~0b11111L;

    private static final long BOUNDED =
            0b10000; // an answered request: not in the ages any more, but with a maximum age

    private RequestState() {}

    /**
     * Returns the state after the endpoint has begun to answer, and well.
     *
     * @param timedNow whether that is the moment when its response time is measured, and not a later one
     * @return the same state where it changes nothing
     */
    public static long withFirstMessage(long state, boolean timedNow) {
        if (isAnswered(state) || state == ENDED) {
            return state;
        }
        if (isStream(state)) {
            return STREAM | ANSWERED;
        }
        return start(state) | BOUNDED | STREAM | ANSWERED | (state & SECOND_WORD) | (timedNow ? 0 : state & TIMED);
    }

    /**
     * Returns the state after its response time was measured.
     *
     * @return the same state where it is not to be measured, or only once the endpoint has answered
     */
    public static long withResponseTime(long state) {
        return isAnswered(state) ? state & ~TIMED : state;
    }

    /**
     * Returns the state after it turned out to be a stream.
     *
     * @return the same state where it changes nothing
     */
    public static long asStream(long state) {
        return state == ENDED ? ENDED : STREAM | (state & ANSWERED);
    }

    /** Returns whether it is a stream of which nothing has come yet. */
    static boolean isOpenStream(long state) {
        return state == STREAM;
    }

    /** Returns whether the endpoint has begun to answer; not told of what has ended. */
    public static boolean isAnswered(long state) {
        return (state & ANSWERED) != 0;
    }

    /** Returns whether it is neither answered nor a stream, so that how long it has been in flight says something. */
    public static boolean awaitsAnswer(long state) {
        return (state & STREAM) == 0;
    }

    /** Returns whether it is counted among the streams. */
    static boolean isStream(long state) {
        return (state & STREAM) != 0;
    }

    /** Returns whether it may stay open for as long as both sides like: a stream that is one, not an answered request. */
    public static boolean isUnbounded(long state) {
        return (state & (STREAM | BOUNDED)) == STREAM;
    }

    /** Returns whether its response time is to be measured, and has not been. */
    static boolean isTimed(long state) {
        return (state & TIMED) != 0;
    }

    /** Returns when it was started, to 32 ns or, where it was never timed, to the tick; of streams it is not known. */
    static long start(long state) {
        return state & START_MASK;
    }

    /** Returns how long ago a timed request was started, to 32 ns; 0 for one that was started after that moment. */
    static long ageNanos(long state, long now) {
        return Math.max(0, start(now) - start(state));
    }
}
