/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import dev.xdslb.endpoint.EndpointKey;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.atomic.AtomicLongFieldUpdater;
import java.util.function.LongSupplier;

/**
 * What this process measures about one endpoint: requests in flight and since when, response time, successes and
 * failures. One object per endpoint, shared by every cluster and every kind of client that reaches the endpoint, and by
 * all snapshots.
 *
 * <p><b>Writers:</b> any thread that starts or ends a {@link Lease}, and the tick, on one thread.
 * <b>Readers:</b> any thread that picks. There is no lock.
 *
 * <p><b>Exact:</b> the number in flight and the sum of their start times, because both live in one word that each lease
 * changes by one atomic addition at its start and takes back at its end; the counts of completed and failed requests.
 *
 * <p><b>Lossy on purpose:</b> the response time, where of two requests that end at the same moment one observation may be
 * lost, and the run of failures, which may be one too long or too short. Both are estimates that the next request
 * corrects; a lock or a retry loop would cost every request more than the lost observation is worth.
 *
 * <p><b>Response time</b> is a peak-sensitive moving average, as in Finagle's {@code PeakEwma}: an observation above it
 * replaces it at once, one below pulls it down with the weight {@code 1 - e^(-dt/tau)}, tau being {@link #DECAY} and dt the
 * time since the last observation. Without observations it decays to zero, half as fast, so that an endpoint that was slow
 * is tried again after a while: each of its clients pays for that try with a slow request. The decay without observations
 * happens at the tick, so a pick reads one number.
 *
 * <p><b>Streams</b> (gRPC streaming, server-sent events, web sockets) count in flight, and with their outcome. How long one
 * stays open says nothing about how fast the endpoint is: it enters neither the response time nor the age.
 *
 * <p><b>Hung requests:</b> an endpoint that answers nothing gives no observation. When the mean age of its requests in
 * flight exceeds {@value #HUNG_FACTOR} times its response time, the age counts as its response time (the rule of go-kratos
 * and brpc); looked at by the tick, ten times a second.
 */
public final class EndpointLoad {
    /** How long an observation matters: its weight falls to 1/e in this time. The value is Finagle's. */
    public static final Duration DECAY = Duration.ofSeconds(10);

    /**
     * How long an estimate lasts without observations. Simulated with 40 clients and a pod that takes 2 s instead of 170 ms
     * for 30 s: with {@link #DECAY} 99.84% of the requests are answered within a second, with twice that 99.91%.
     */
    private static final Duration IDLE_DECAY = DECAY.multipliedBy(2);

    /**
     * How many times the response time the mean age of requests in flight may be. go-kratos and brpc take more; simulated
     * with one hung pod of five, 3 keeps 76.2% of the throughput and 2 keeps 77.0%, because the requests that it traps
     * before it is noticed stay trapped until their time-out.
     */
    static final int HUNG_FACTOR = 2;

    // The word "unary": the low bits count requests in flight, the high bits hold the sum of their start times modulo
    // 2^44, in units of 2^17 ns (131 us). The sum of their ages, n * now - sum, is exact modulo 2^44 units, which is 26
    // days for a thousand requests in flight.
    private static final int COUNT_BITS = 20;
    private static final long COUNT_MASK = (1L << COUNT_BITS) - 1;
    private static final long TIME_MASK = (1L << (Long.SIZE - COUNT_BITS)) - 1;
    private static final int TIME_UNIT_SHIFT = 17;

    private static final long NANOS_PER_MICRO = 1_000;

    private static final AtomicLongFieldUpdater<EndpointLoad> UNARY =
            AtomicLongFieldUpdater.newUpdater(EndpointLoad.class, "unary");
    // The word "successes", in the same manner: the low bits count requests that succeeded, modulo 2^20, the high bits
    // hold
    // the sum of their times in microseconds, modulo 2^44. The tick adds up the differences before either wraps around.
    private static final AtomicLongFieldUpdater<EndpointLoad> SUCCESSES =
            AtomicLongFieldUpdater.newUpdater(EndpointLoad.class, "successes");
    private static final AtomicIntegerFieldUpdater<EndpointLoad> STREAMS =
            AtomicIntegerFieldUpdater.newUpdater(EndpointLoad.class, "streams");
    private static final AtomicIntegerFieldUpdater<EndpointLoad> STREAM_SUCCESSES =
            AtomicIntegerFieldUpdater.newUpdater(EndpointLoad.class, "streamSuccesses");
    private static final AtomicIntegerFieldUpdater<EndpointLoad> FAILED =
            AtomicIntegerFieldUpdater.newUpdater(EndpointLoad.class, "failed");

    private final EndpointKey key;
    private final LongSupplier nanoClock;
    private final SuccessWindow window = new SuccessWindow(); // touched by the tick only, read by any

    private volatile long unary;
    private volatile int streams;
    private volatile long successes;
    private volatile int streamSuccesses;
    private volatile int failed;
    private volatile int consecutiveFailures;
    private volatile double responseNanos; // 0 - nothing observed yet, or long ago
    private volatile long observedAt; // when responseNanos was last changed
    private volatile double hungNanos; // mean age where requests hang, else 0
    private volatile long timedTotal; // what the tick added up; written by the tick only
    private volatile long successMicrosTotal; // the time of what timedTotal counts
    private long successesAtTick; // touched by the tick only

    /**
     * Starts with nothing in flight and nothing observed.
     *
     * @param nanoClock nanoseconds since an arbitrary moment, never going back
     */
    public EndpointLoad(EndpointKey key, LongSupplier nanoClock) {
        this.key = key;
        this.nanoClock = nanoClock;
        this.observedAt = nanoClock.getAsLong();
    }

    /** Returns whose load it is. */
    public EndpointKey key() {
        return key;
    }

    /** Returns the number of requests and streams that were started and have not ended, 0 or more. */
    public int inFlight() {
        return (int) (unary & COUNT_MASK) + streams;
    }

    /** Returns how many of the last requests failed since one succeeded. Cancelled ones do not count. */
    public int consecutiveFailures() {
        return consecutiveFailures;
    }

    /** Forgets the run of failures, as after a decision has been drawn from it. */
    public void clearConsecutiveFailures() {
        consecutiveFailures = 0;
    }

    /**
     * Returns the time that a request takes, in nanoseconds: the response time, or the mean age of the requests in flight
     * where they hang; 0 where nothing was observed.
     */
    public double costNanos() {
        return Math.max(responseNanos, hungNanos);
    }

    /** Returns how many requests ended as a success or a failure within the last ten seconds, up to the last tick. */
    public int recentlyCompleted() {
        return window.completed();
    }

    /** Returns how many requests failed within the last ten seconds, up to the last tick. */
    public int recentlyFailed() {
        return window.failed();
    }

    /** Returns how many requests and streams succeeded since this object was made, requests up to the last tick. */
    public long succeeded() {
        return timedTotal + streamSuccesses;
    }

    /** Returns how many of those were requests, whose time says something. */
    public long timed() {
        return timedTotal;
    }

    /** Returns how many requests and streams failed since this object was made, modulo 2^32. */
    public long failed() {
        return failed;
    }

    /** Returns how long the requests that succeeded took together, in microseconds, up to the last tick. */
    public long successMicros() {
        return successMicrosTotal;
    }

    /** Lets a tenth of a second pass. Called by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    void tick() {
        long word = successes;
        long more = word - successesAtTick;
        successesAtTick = word;
        timedTotal += more & COUNT_MASK;
        successMicrosTotal += more >>> COUNT_BITS;
        double response = responseNanos;
        double age = meanAgeNanos(nanoClock.getAsLong());
        hungNanos = response > 0 && age > HUNG_FACTOR * response ? age : 0;
    }

    /** Lets half a second pass. Called by the same thread, after {@link #tick()}. */
    void slowTick() {
        window.advance((int) (succeeded() + failed), failed);
        long now = nanoClock.getAsLong();
        responseNanos = decayed(now);
        observedAt = now;
    }

    /** Returns when the request was started, in nanoseconds of the clock. */
    long started() {
        long now = nanoClock.getAsLong();
        UNARY.getAndAdd(this, toWord(now));
        return now;
    }

    void ended(long startedAt, Outcome outcome) {
        UNARY.getAndAdd(this, -toWord(startedAt));
        count(outcome);
        if (outcome == Outcome.SUCCESS) {
            long now = nanoClock.getAsLong();
            long nanos = now - startedAt;
            SUCCESSES.getAndAdd(this, (nanos / NANOS_PER_MICRO) << COUNT_BITS | 1);
            observe(now, (double) nanos);
        }
    }

    void streamStarted() {
        STREAMS.getAndIncrement(this);
    }

    void streamEnded(Outcome outcome) {
        STREAMS.getAndDecrement(this);
        count(outcome);
        if (outcome == Outcome.SUCCESS) {
            STREAM_SUCCESSES.getAndIncrement(this);
        }
    }

    @SuppressWarnings("NonAtomicVolatileUpdate") // lossy on purpose, see the class comment
    private void count(Outcome outcome) {
        if (outcome.isFailure()) {
            FAILED.getAndIncrement(this);
            consecutiveFailures++;
        } else if (outcome == Outcome.SUCCESS && consecutiveFailures != 0) {
            consecutiveFailures = 0;
        }
    }

    private void observe(long now, double nanos) {
        double before = responseNanos;
        if (nanos >= before) {
            responseNanos = nanos;
        } else {
            responseNanos = nanos + (before - nanos) * remaining(now - observedAt, DECAY);
        }
        observedAt = now;
    }

    private double decayed(long now) {
        return responseNanos * remaining(now - observedAt, IDLE_DECAY);
    }

    /**
     * Returns about {@code e^(-dt/tau)}, by the first terms of the series of e^x in the denominator: at most 2% off for up
     * to half of tau, always between 0 and 1, and without the cost of an exponential in every request.
     */
    private static double remaining(long nanos, Duration decay) {
        double x = nanos / (double) decay.toNanos();
        return x <= 0 ? 1 : 1 / (1 + x + x * x / 2);
    }

    private double meanAgeNanos(long now) {
        long word = unary;
        long count = word & COUNT_MASK;
        if (count == 0) {
            return 0;
        }
        long ages = (count * (now >> TIME_UNIT_SHIFT) - (word >>> COUNT_BITS)) & TIME_MASK;
        return (ages << TIME_UNIT_SHIFT) / (double) count;
    }

    private static long toWord(long time) {
        return (time >> TIME_UNIT_SHIFT) << COUNT_BITS | 1;
    }
}
