/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.LongSupplier;

/**
 * What this process measures about one endpoint: requests in flight and since when, response time, successes,
 * failures and refusals. One object per endpoint, shared by every cluster and every kind of client that reaches the endpoint, and by
 * all snapshots.
 *
 * <p><b>Writers:</b> any thread that starts or ends a {@link Lease}, and the tick, on one thread.
 * <b>Readers:</b> any thread that picks. There is no lock.
 *
 * <p><b>Exact:</b> the number in flight and the sum of their start times, see {@link InFlight}; the counts of completed and
 * failed requests.
 *
 * <p><b>Lossy on purpose:</b> the response time, see {@link ResponseTime}, and the run of failures, which may be one too
 * long or too short. The next request corrects both.
 *
 * <p><b>Untimed requests:</b> where no pick of a cluster depends on response times, only a few requests of each tick are
 * timed. The others count in flight and with their outcome alone, their age to the tick.
 *
 * <p><b>Streams</b> (gRPC streaming, server-sent events, web sockets) count in flight, and with their outcome: as a success with
 * their first message, and as a failure instead where they fail after it. How long one stays open says nothing about how fast
 * the endpoint is: it enters neither the response time nor the age. The body of any other response is such a stream from its
 * first message on, but for its outcome, which its end decides.
 */
public final class EndpointLoad extends InFlight implements MeasuredLoad {
    /** After how long a request whose end was never told is given up at the earliest; after twice that at the latest. */
    static final Duration MAX_LEASE_AGE = Duration.ofMinutes(10);

    /** What {@link #recentOutcomes()} count. */
    public static final Duration RECENT = Duration.ofSeconds(10);

    // The word "successes": the low bits count timed requests that succeeded, modulo 2^20, the high bits hold the sum
    // of
    // their times in microseconds, modulo 2^44. The tick adds up differences before either wraps around.
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;

    private static final long NANOS_PER_MICRO = 1_000;

    /** What one request counts at most, a day: a laptop that slept must not fill the word. */
    private static final long MAX_MICROS = 86_400_000_000L;

    private static final VarHandle SUCCESSES;
    private static final VarHandle UNTIMED_SUCCESSES;
    private static final VarHandle FAILED;
    private static final VarHandle REFUSED;
    private static final VarHandle REFUSED_IN_A_ROW;
    private static final VarHandle CANCELLED;
    private static final VarHandle CONSECUTIVE_FAILURES;
    private static final VarHandle FAILURES_OF_LATE;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            SUCCESSES = lookup.findVarHandle(EndpointLoad.class, "successes", long.class);
            UNTIMED_SUCCESSES = lookup.findVarHandle(EndpointLoad.class, "untimedSuccesses", long.class);
            FAILED = lookup.findVarHandle(EndpointLoad.class, "failed", long.class);
            REFUSED = lookup.findVarHandle(EndpointLoad.class, "refused", long.class);
            REFUSED_IN_A_ROW = lookup.findVarHandle(EndpointLoad.class, "refusedInARow", int.class);
            CANCELLED = lookup.findVarHandle(EndpointLoad.class, "cancelled", long.class);
            CONSECUTIVE_FAILURES = lookup.findVarHandle(EndpointLoad.class, "consecutiveFailures", int.class);
            FAILURES_OF_LATE = lookup.findVarHandle(EndpointLoad.class, "failuresOfLate", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final EndpointKey key;
    private final SuccessWindow window = new SuccessWindow(); // touched by the tick only, read by any
    private final Refusals refusals = new Refusals(); // touched by the tick only, read by any

    private volatile long successes;
    private volatile long untimedSuccesses;
    private volatile long failed;
    private volatile long refused;
    private volatile long cancelled;
    private volatile int consecutiveFailures;
    private volatile int failuresOfLate; // in a row, since the last slow tick; as lossy as the run of failures
    private volatile int lateInARow;
    private volatile int refusedInARow;
    private volatile double ageAtTick; // written by the tick only
    private volatile long timedTotal; // what the tick added up; written by the tick only
    private volatile long successMicrosTotal; // the time of what timedTotal counts
    private long successesAtTick; // touched by the tick only

    /**
     * Starts with nothing in flight and nothing observed.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public EndpointLoad(EndpointKey key, LongSupplier nanoClock) {
        this(key, nanoClock, MAX_LEASE_AGE);
    }

    EndpointLoad(EndpointKey key, LongSupplier nanoClock, Duration maxLeaseAge) {
        super(nanoClock, maxLeaseAge);
        this.key = key;
    }

    /** Returns whose load it is. */
    public EndpointKey key() {
        return key;
    }

    /**
     * Counts a request in, for a caller with an object of its own per request; all others start a {@link Lease}.
     *
     * @param timed whether its response time must be measured; where not, it is if few were of late
     * @return what {@link #end} is to be told, once
     */
    public long begin(boolean timed) {
        return timed || wantsSample() ? putInTimed() : putInUntimed();
    }

    /** Counts a stream in, like {@link #begin}. */
    public long beginStream() {
        return putInStream();
    }

    /**
     * Counts that a request has come further. Called once for each change, by whoever made it, in any order with {@link #end}.
     *
     * @param before the state before
     * @param after what {@link RequestState} says that follows from it
     * @return whether it is now known to be a success, as of a stream with its first message
     */
    public boolean advance(long before, long after) {
        if (RequestState.isOpenStream(before) && !RequestState.isStream(after)) { // which was counted in anew
            takeBack(before);
            return false;
        }
        boolean inTime = RequestState.isUnbounded(before) || move(before, after);
        if (isCounted(after) && !isCounted(before)) {
            if (inTime && RequestState.isTimed(before) && !RequestState.isUnbounded(after)) {
                countTimedSuccess(before);
            } else {
                UNTIMED_SUCCESSES.getAndAdd(this, 1L);
            }
        }
        boolean succeeded = RequestState.isAnswered(after) && RequestState.isUnbounded(after);
        if (succeeded) {
            clearRuns();
        }
        return succeeded;
    }

    /** Counts out what was counted in for nothing. */
    void takeBack(long begun) {
        takeOut(begun);
    }

    private boolean move(long before, long after) {
        if (RequestState.isUnbounded(after)) {
            return moveToStreams(before);
        }
        return RequestState.isStream(before) || moveToAnswered(before);
    }

    /**
     * Counts out what was counted in. Nobody checks that this happens once: see {@link Lease}.
     *
     * @param last what {@link #begin} or {@link #beginStream} returned, or the last state that {@link #advance} was told
     * @return what it counts as: a request that was given up after its endpoint had begun to answer is a success, and
     *     {@link Outcome#CANCELLED} says nothing about the endpoint, or nothing new
     */
    public Outcome end(long last, Outcome outcome) {
        boolean inTime = takeOut(last);
        boolean counted = isCounted(last);
        if (outcome == Outcome.SUCCESS || (outcome == Outcome.CANCELLED && RequestState.isAnswered(last))) {
            if (counted && RequestState.isUnbounded(last)) {
                return Outcome.CANCELLED; // the success of a stream was counted when it was new
            }
            clearRuns();
            if (!counted) {
                if (inTime && outcome == Outcome.SUCCESS && RequestState.isTimed(last)) {
                    countTimedSuccess(last);
                } else {
                    UNTIMED_SUCCESSES.getAndAdd(this, 1L);
                }
            }
            return Outcome.SUCCESS;
        }
        if (outcome == Outcome.CANCELLED) {
            CANCELLED.getAndAdd(this, 1L);
            return outcome;
        }
        if (counted) {
            UNTIMED_SUCCESSES.getAndAdd(this, -1L); // one request is one completed request
        }
        if (outcome.isFailure()) {
            FAILED.getAndAdd(this, 1L);
            CONSECUTIVE_FAILURES.setRelease(this, consecutiveFailures + 1); // lossy on purpose, see the class comment
            FAILURES_OF_LATE.setRelease(this, failuresOfLate + 1);
        } else {
            REFUSED.getAndAdd(this, 1L);
            REFUSED_IN_A_ROW.setRelease(this, refusedInARow + 1); // as lossy as the run of failures
            lateInARow = 0; // it answered
        }
        return outcome;
    }

    /** Whether its success has been added up, at its first message or later; what ends otherwise takes it back. */
    private static boolean isCounted(long state) {
        return RequestState.isAnswered(state) && !RequestState.isTimed(state);
    }

    private void countTimedSuccess(long state) {
        long now = nanoClock.getAsLong();
        long nanos = RequestState.ageNanos(state, now);
        SUCCESSES.getAndAdd(this, (Math.min(nanos / NANOS_PER_MICRO, MAX_MICROS) << COUNT_BITS) | 1);
        observe(now, (double) nanos);
    }

    private void clearRuns() {
        if (consecutiveFailures != 0) {
            CONSECUTIVE_FAILURES.setRelease(this, 0);
        }
        if (failuresOfLate != 0) {
            FAILURES_OF_LATE.setRelease(this, 0);
        }
        if (lateInARow != 0) {
            lateInARow = 0;
        }
        if (refusedInARow != 0) {
            refusedInARow = 0;
        }
    }

    /**
     * Returns what the next request is expected to take, in nanoseconds: {@link #costNanos()}, or 0 where that is in doubt and
     * no request is in flight, so that the endpoint is to count as fast as the best.
     */
    @Override
    public double expectedNanos() {
        return isInDoubt() && requestsInFlight() == 0 ? 0 : costNanos();
    }

    /**
     * Returns how long the endpoint has owed an answer or its body, in nanoseconds.
     *
     * @param state of what is no stream
     */
    public long unansweredNanos(long state) {
        return unansweredNanos(state, nanoClock.getAsLong());
    }

    /** Counts that a request was given up by its caller after it had been in flight for much longer than is usual. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // lossy on purpose, as the run of failures
    public void countLate() {
        lateInARow++;
    }

    /** Returns how many of the last requests were given up late since one was answered. */
    public int lateInARow() {
        return lateInARow;
    }

    /** Returns the mean age of the requests that await their answer, as of the last tick, in nanoseconds; 0 where there are none. */
    public double unansweredAgeNanos() {
        return ageAtTick;
    }

    /** Returns how many of the last requests failed since one succeeded. Cancelled and refused ones do not count. */
    @Override
    public int consecutiveFailures() {
        return consecutiveFailures;
    }

    /**
     * Returns how many requests are in flight, as a comparison counts them: those that failed one after the other count as if they
     * were still there, for half a second at most. From then on the failures tell by the endpoint's weight. Until then one that fails
     * fast would look like one that has nothing to do.
     */
    public int inFlightOrFailed() {
        return inFlight() + failuresOfLate;
    }

    /** Forgets the run of failures, as after a decision has been drawn from it. */
    public void clearConsecutiveFailures() {
        consecutiveFailures = 0;
    }

    /** Takes the run of failures to be at least this long, so that a decision needs fewer to follow. */
    public void consecutiveFailuresAtLeast(int failures) {
        if (consecutiveFailures < failures) {
            consecutiveFailures = failures;
        }
    }

    /** Returns how many requests ended as a success or a failure within the last ten seconds, up to the last tick. */
    @Override
    public RecentOutcomes recentOutcomes() {
        return window.recent();
    }

    /** Returns how many of the last answers were refusals, up to the last tick. */
    public RecentAnswers recentAnswers() {
        return refusals.recent();
    }

    /** Returns how many of the last requests were refused since one succeeded. */
    public int refusedInARow() {
        return refusedInARow;
    }

    /** Returns how many requests were refused since this object was made. */
    @Override
    public long refused() {
        return refused;
    }

    /**
     * Returns how many requests and streams succeeded since this object was made, timed ones up to the last tick. One that
     * fails after its first message is taken back.
     */
    @Override
    public long succeeded() {
        return timedTotal + untimedSuccesses;
    }

    /** Returns how many of those were timed. */
    public long timed() {
        return timedTotal;
    }

    /** Returns how many requests and streams failed since this object was made. */
    @Override
    public long failed() {
        return failed;
    }

    /** Returns how long the timed requests that succeeded took together, in microseconds, up to the last tick. */
    public long successMicros() {
        return successMicrosTotal;
    }

    /** Returns how all requests have ended since this object was made, up to this moment. */
    public RequestCounts counts() {
        long timed = timedTotal; // first: what the tick adds to it is then missing in both
        long micros = successMicrosTotal;
        long toCome = (successes - timed) & COUNT_MASK; // the low bits of both count the same
        return new RequestCounts(
                Math.max(0, timed + toCome + untimedSuccesses), failed, refused, cancelled, timed, micros);
    }

    /** Lets a tenth of a second pass. Called by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    void tick() {
        long now = nanoClock.getAsLong();
        tickInFlight(now);
        long word = successes;
        long more = word - successesAtTick;
        successesAtTick = word;
        timedTotal += more & COUNT_MASK;
        successMicrosTotal += more >>> COUNT_BITS;
        double age = meanAgeNanos(now);
        ageAtTick = age;
        tickResponseTime(age, requestsInFlight(), now);
    }

    /**
     * Lets half a second pass. Called by the same thread, after {@link #tick()}.
     *
     * @return how many requests were given up because nobody told their end
     */
    int slowTick() {
        failuresOfLate = 0;
        int failedSoFar = (int) failed;
        int refusedSoFar = (int) refused;
        int completed = (int) succeeded() + failedSoFar;
        window.advance(completed, failedSoFar);
        refusals.advance(refusedSoFar, completed + refusedSoFar);
        return slowTickInFlight(nanoClock.getAsLong());
    }
}
