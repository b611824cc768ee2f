/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * How many requests are in flight to one endpoint, and since when. A part of {@link EndpointLoad}, and its superclass so that
 * a pick finds both in the same place.
 *
 * <p><b>Writers:</b> any thread that starts or ends a request, by one atomic addition each; the tick, on one thread.
 * <b>Readers:</b> any thread that picks.
 *
 * <p><b>One word.</b> The low bits count requests, the high bits hold the sum of their start times modulo 2^43, in units of
 * 2^17 ns (131 us). A start adds to both at once and an end takes the same away, so count and sum always belong together,
 * and the sum of the ages, {@code n * now - sum}, is exact as a signed number of 43 bits: up to 6 days for a thousand requests. It
 * is below 0 where requests started after the moment that their ages are asked for, as beside a tick that was held up between
 * its look at the clock and its look at the word; that counts as 0.
 *
 * <p><b>Maximum age.</b> A request whose end is never told would count for ever. Nobody keeps a list of requests to find it;
 * instead there are two words, and requests are counted in one of them for a period, the maximum age, then in the other:
 *
 * <pre>
 *  word 0   ├── requests start here ──┤── they end ──────────┤x├── requests start here ──┤
 *  word 1                             ├── requests start here ──┤── they end ─────────────┤x├ …
 *           0                      period                 2 periods
 * </pre>
 *
 * <p>What is left in a word when its turn comes again (x) started more than a period ago: it is taken out and counted as
 * abandoned. A request remembers its word and its start time; where the word has been emptied since, its end takes nothing
 * away. The emptying takes two slow ticks, half a second: at the first the ends of the old requests stop taking away, at the
 * second the word is emptied and used anew.
 *
 * <p><b>From its first message on</b> a request is counted among the streams: it is taken out of its word, and neither its age
 * nor the maximum age concerns it any more. Two threads, one that learns of the message and one that ends the request, may do
 * their part in any order: both only add and subtract, and what the second one subtracts follows from what the first one
 * added, see {@link RequestState}. The way back is for a request whose caller was still sending: it is put in anew.
 *
 * <p><b>Lossy on purpose:</b> a thread that stands still for that half second between its look at the word's age and its
 * subtraction makes the number one too low, and that of the abandoned one too high, until the word is emptied again; it is
 * never taken for less than 0.
 */
abstract class InFlight extends ResponseTime {
    private static final int COUNT_BITS = 21;
    private static final int TIME_UNIT_SHIFT = 17;
    private static final double TIME_UNIT = 1L << TIME_UNIT_SHIFT;

    // What a request remembers: when it started, to 32 ns, and in the lowest bits how it is counted, see RequestState.
    private static final long START_MASK = RequestState.START_MASK;

    /**
     * How many requests of a tick are timed where no pick depends on it: all of them up to 40 a second, and no more than the
     * mean response time of a zone needs where two readings of the clock for each would cost more than the pick.
     */
    static final int SAMPLES_PER_TICK = 4;

    private static final VarHandle FIRST;
    private static final VarHandle SECOND;
    private static final VarHandle ANSWERED;
    private static final VarHandle STREAMS;
    private static final VarHandle ABANDONED;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            FIRST = lookup.findVarHandle(InFlight.class, "first", long.class);
            SECOND = lookup.findVarHandle(InFlight.class, "second", long.class);
            ANSWERED = lookup.findVarHandle(InFlight.class, "answered", long.class);
            STREAMS = lookup.findVarHandle(InFlight.class, "streams", int.class);
            ABANDONED = lookup.findVarHandle(InFlight.class, "abandoned", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long first;
    private volatile long second;
    private volatile long firstSince; // requests in "first" that started before this have been given up
    private volatile long secondSince;
    private volatile long tickedAt;
    private volatile long previouslyTickedAt;
    private volatile long answered; // in its halves, those that have left "first" and "second" by being answered
    private volatile int streams;
    private volatile int abandoned; // below 0 for half a second where one ends while its word is being emptied
    private volatile boolean startsInSecond; // the word that requests are counted in at present
    private int sampled; // requests timed since the last tick; lossy, one more or less does not matter

    // Touched by the slow tick only.
    private final long periodNanos;
    private long periodEndsAt;
    private boolean emptying;

    /**
     * Starts with nothing in flight.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     * @param maxAge a request that has not ended is given up after one to two times this
     */
    InFlight(LongSupplier nanoClock, Duration maxAge) {
        super(nanoClock);
        long now = nanoClock.getAsLong();
        this.firstSince = now & START_MASK;
        this.secondSince = now & START_MASK;
        this.tickedAt = now;
        this.previouslyTickedAt = now;
        this.periodNanos = maxAge.toNanos();
        this.periodEndsAt = now + periodNanos;
    }

    /** Returns the number of requests and streams that were started and have not ended, 0 or more. */
    public final int inFlight() {
        long halves = answered;
        int noted = (int) halves + (int) (halves >>> Integer.SIZE);
        return Math.max(0, count(first + second)) + Math.max(0, noted) + streams;
    }

    /** Returns the number of requests that were started and have not ended, streams not counted; 0 or more. */
    public final int requestsInFlight() {
        return Math.max(0, count(first + second));
    }

    /**
     * Returns how many requests were given up because they had not ended by the maximum age, and have not ended since. They
     * are not in flight any more.
     */
    public final int abandoned() {
        return Math.max(0, abandoned);
    }

    /** Returns whether one more of the requests of this moment shall be timed although no pick depends on it. */
    final boolean wantsSample() {
        return sampled < SAMPLES_PER_TICK;
    }

    /**
     * Counts a request in and reads the clock for its start.
     *
     * @return what {@link #takeOut} is to be told
     */
    final long putInTimed() {
        boolean inSecond = startsInSecond; // read before the time: what is in a word started after the word was emptied
        if (sampled < SAMPLES_PER_TICK) {
            sampled++;
        }
        return putIn(inSecond, nanoClock.getAsLong()) | RequestState.TIMED;
    }

    /** Counts a request in with the time of the last tick for its start. */
    final long putInUntimed() {
        boolean inSecond = startsInSecond;
        return putIn(inSecond, tickedAt);
    }

    /** Counts a stream in. */
    final long putInStream() {
        STREAMS.getAndAdd(this, 1);
        return RequestState.STREAM;
    }

    /**
     * Counts a request among the streams from now on, which have no maximum age.
     *
     * @param state of a request, answered or not
     * @return false where it had been given up, and is in flight again
     */
    final boolean moveToStreams(long state) {
        STREAMS.getAndAdd(this, 1); // first, so that it is never missing for a moment
        return takeOut(state);
    }

    /**
     * Counts a request among the answered ones from now on: its age says nothing any more, but a maximum it has.
     *
     * @return false where it had been given up, and stays so
     */
    final boolean moveToAnswered(long begun) {
        if (isGivenUp(begun)) {
            return false;
        }
        ANSWERED.getAndAdd(this, half(begun));
        boolean inTime = takeOut(begun);
        if (!inTime) { // given up in this very moment
            ANSWERED.getAndAdd(this, -half(begun));
            ABANDONED.getAndAdd(this, 1);
        }
        return inTime;
    }

    private long putIn(boolean inSecond, long now) {
        if (inSecond) {
            SECOND.getAndAdd(this, toWord(now));
            return (now & START_MASK) | RequestState.SECOND_WORD;
        }
        FIRST.getAndAdd(this, toWord(now));
        return now & START_MASK;
    }

    /**
     * Counts a request or a stream out.
     *
     * @return false where it had been given up
     */
    final boolean takeOut(long begun) {
        if (RequestState.isUnbounded(begun)) {
            STREAMS.getAndAdd(this, -1);
            return true;
        }
        if (isGivenUp(begun)) {
            ABANDONED.getAndAdd(this, -1);
            return false;
        }
        if (RequestState.isStream(begun)) {
            ANSWERED.getAndAdd(this, -half(begun));
        } else if (isInSecond(begun)) {
            SECOND.getAndAdd(this, -toWord(RequestState.start(begun)));
        } else {
            FIRST.getAndAdd(this, -toWord(RequestState.start(begun)));
        }
        return true;
    }

    private boolean isGivenUp(long begun) {
        return RequestState.start(begun) - (isInSecond(begun) ? secondSince : firstSince) < 0;
    }

    private static boolean isInSecond(long begun) {
        return (begun & RequestState.SECOND_WORD) != 0;
    }

    private static long half(long begun) {
        return isInSecond(begun) ? 1L << Integer.SIZE : 1;
    }

    /**
     * Returns how long ago a request was started, in nanoseconds, 0 or more; of one that is not to be timed, whose start may be
     * known to the tick only, how long at least.
     */
    final long unansweredNanos(long begun, long now) {
        long age = RequestState.ageNanos(begun, now);
        return RequestState.isTimed(begun) ? age : Math.max(0, age - (tickedAt - previouslyTickedAt));
    }

    /** Lets a tick pass. */
    final void tickInFlight(long now) {
        previouslyTickedAt = tickedAt;
        tickedAt = now;
        sampled = 0;
    }

    /**
     * Lets a slow tick pass, after {@link #tickInFlight}.
     *
     * @return how many requests have been given up
     */
    final int slowTickInFlight(long now) {
        boolean next = !startsInSecond;
        if (emptying) {
            int left = count((long) (next ? SECOND : FIRST).getAndSet(this, 0L)) + emptyAnswered(next);
            ABANDONED.getAndAdd(this, left); // below 0 it puts right what the last time was counted in vain
            startsInSecond = next;
            emptying = false;
            return Math.max(0, left);
        }
        if (now - periodEndsAt >= 0) {
            if (next) {
                secondSince = now & START_MASK;
            } else {
                firstSince = now & START_MASK;
            }
            emptying = true;
            periodEndsAt = now + periodNanos;
        }
        return 0;
    }

    private int emptyAnswered(boolean inSecond) {
        while (true) {
            long halves = answered;
            long left = inSecond ? halves >> Integer.SIZE : (int) halves;
            if (left == 0 || ANSWERED.compareAndSet(this, halves, halves - (inSecond ? left << Integer.SIZE : left))) {
                return (int) left;
            }
        }
    }

    /**
     * Returns the mean age of the requests in flight, 0 where there are none.
     *
     * @param now may be a moment ago: those that have started since are no older than 0
     * @return 0 up to twice the maximum age, beyond which a request is not in flight any more
     */
    final double meanAgeNanos(long now) {
        long word = first + second;
        int count = count(word);
        if (count <= 0) {
            return 0;
        }
        long ages = signed(count * (now >> TIME_UNIT_SHIFT) - (word >> COUNT_BITS));
        double mean = ages * TIME_UNIT / count;
        return Math.max(0, Math.min(2.0 * periodNanos, mean));
    }

    /** Extends the sign of a number of as many bits as the word has for times. */
    private static long signed(long units) {
        return (units << COUNT_BITS) >> COUNT_BITS;
    }

    private static int count(long word) {
        return ((int) word << (Integer.SIZE - COUNT_BITS)) >> (Integer.SIZE - COUNT_BITS);
    }

    private static long toWord(long time) {
        return ((time >> TIME_UNIT_SHIFT) << COUNT_BITS) | 1;
    }
}
