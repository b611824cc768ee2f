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
 * How long a request to one endpoint takes. A part of {@link EndpointLoad}, and its superclass so that a pick finds all that
 * it reads in the same place.
 *
 * <p><b>The average.</b> The least of the first {@value #FIRST_OBSERVATIONS} observations, because the first calls of a
 * process are slow by class loading, connections and TLS; then the mean, from {@value #MEMORY} observations on a moving one,
 * which falls faster before that. An observation weighs more where the last one is long ago, up to a sixth.
 *
 * <p><b>Jumps.</b> An observation above {@value #JUMP} times the average is believed at once and verified afterwards: what one
 * answer says may be a pause of a garbage collector. It is not believed where another request that was sent later has already
 * been answered well. Either way it enters the average as {@value #JUMP} times that, no more: many of them are seen in it, one is
 * not.
 *
 * <pre>
 *   2 ms  2 ms  52 ms                      next request, at once: 2 ms  → it was a spike, the average is 2 ms again
 *   ─┴─────┴─────┴─ believed: 52 ms ─────── or 48 ms → confirmed; verified again after 100, 200, 400 ms … 5 s
 *
 *   170 ms  2 s ─── believed: 2 s ──────────────────────────────────────── verified after 40 s
 * </pre>
 *
 * <p>To verify costs one slow request. So the first try waits for {@code jump² / 100 ms}, which is nothing for a short jump and
 * 40 s for one of 2 s, and each confirmation doubles the time, and the number of requests that go elsewhere in between. An
 * endpoint that has been slow from the start is tried again after the same longest time, earlier while it is little known.
 *
 * <p><b>Jumps of all.</b> A pause of this process, or a service that is slow as a whole, makes all endpoints jump. The first that
 * answers well again would then get everything, for as long as the others are left alone. So where a jump turns out to be over,
 * those that began within five seconds of it and are at most twice as long are verified by the next request.
 *
 * <p><b>In doubt.</b> Until it has its first observations, and when it is to be verified, the endpoint is <em>in doubt</em>: with
 * no request in flight, it counts as fast as the best that it is compared with. So there is one request at a time that finds out.
 *
 * <p><b>Hung requests:</b> an endpoint that answers nothing gives no observation. When it has answered no request well that was
 * sent within the last two response times, and the requests in flight are older than they should be, their mean age counts as its
 * response time (after go-kratos and brpc); looked at by the tick, ten times a second.
 *
 * <p><b>Writers:</b> any thread that ends a request, and the tick, on one thread. <b>Readers:</b> any thread that picks.
 *
 * <p><b>Lossy on purpose:</b> of two requests that end at the same moment one observation may be lost, or half of it: the fields
 * are written one by one. Each observation and each tick decides anew, so the next one corrects it; a lock or a retry loop would
 * cost every request more than the lost observation is worth. Written without a fence, so a pick on another core may see it a
 * moment late.
 */
abstract class ResponseTime extends Usage {
    /** How many observations show nothing but the least: cold calls come one after the other, not three in a row. */
    static final int FIRST_OBSERVATIONS = 3;

    /**
     * How many observations the average is made of. Simulated with log-normal times of sigma 0.6, as many tell a pod of half the
     * speed from the others.
     */
    static final int MEMORY = 24;

    /** How long an observation matters where few come: its weight falls to 1/e in this time. The value is Finagle's. */
    static final Duration DECAY = Duration.ofSeconds(10);

    /**
     * The most that one observation weighs, however long ago the last one is. With 1, fifty equal endpoints that share
     * one request a second are told apart by chance.
     */
    private static final double MAX_WEIGHT = 1.0 / 6;

    /**
     * How much one of the first {@value #MEMORY} observations weighs that is below the average. Code that is being compiled and
     * connections that are new get faster and faster, and who was asked first must not look slow for it.
     */
    private static final double WARMING_UP_WEIGHT = 0.5;

    /**
     * From how many times the average on an observation is a jump. Log-normal times of sigma 0.6 pass four times the mean in one
     * request of two hundred, twice the mean in one of fourteen: with 2, pods at half speed cost 18 pods instead of 10 in the
     * capacity scenario.
     */
    static final int JUMP = 4;

    /** How much an observation weighs while a jump is believed: its size is not known well yet. */
    private static final double JUMP_WEIGHT = 0.25;

    /** A jump of this length is verified after its own length; a longer one later, with the square, a shorter one at once. */
    private static final double VERIFIED_AFTER_ITS_LENGTH =
            Duration.ofMillis(100).toNanos();

    /**
     * Where one request costs more than that, it is left alone for so long at most: a minute. By the square alone, one request of
     * 30 s would cost its endpoint two hours and a half, and a night that a laptop was asleep years.
     */
    private static final double LONGEST_LEFT_ALONE = Duration.ofMinutes(1).toNanos();

    /** How long a slow endpoint is left alone at most, unless one request to it costs more: its recovery is to be noticed. */
    private static final double TRIED_AGAIN = Duration.ofSeconds(5).toNanos();

    /** Jumps that began within this time, in nanoseconds, may have the same reason: a request a second finds one after another. */
    private static final long SAME_REASON_NANOS = Duration.ofSeconds(5).toNanos();

    /** Up to how many times as long such a jump is: a pause of a garbage collector says nothing about a pod that got slow. */
    private static final double SAME_REASON = 2;

    /** How often the number of requests that go elsewhere is doubled: one in 64 is the most that trying costs. */
    private static final int MAX_DOUBLINGS = 6;

    /** More change nothing: the longest time is reached before. */
    private static final int MAX_CONFIRMATIONS = 30;

    /**
     * How long after its first answer an endpoint may be slow because this process is cold, in nanoseconds: others are called and
     * get faster, and who has just fallen behind is tried again after one, two, four, … requests.
     */
    private static final long COLD_NANOS = Duration.ofSeconds(1).toNanos();

    /** From how much less on an endpoint that is tried again has become faster, instead of having been lucky. */
    private static final double FASTER = 2;

    /**
     * How many response times without a good answer to a request sent in them make an endpoint look hung. go-kratos and brpc
     * take more; simulated with one hung pod of five, 3 keeps 1% less of the throughput, because the requests that it traps
     * before it is noticed stay trapped until their time-out.
     */
    static final int HUNG_FACTOR = 2;

    /** Shorter than this nothing hangs: a pause of a garbage collector takes as long, and the tick looks no more often. */
    static final double LEAST_HUNG = Duration.ofMillis(100).toNanos();

    private static final long DECAY_NANOS = DECAY.toNanos();
    private static final double PER_DECAY_NANO = 1.0 / DECAY_NANOS;

    private static final VarHandle AVERAGE;
    private static final VarHandle OBSERVED_AT;
    private static final VarHandle SENT_WELL;
    private static final VarHandle OBSERVATIONS;
    private static final VarHandle IN_DOUBT;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            AVERAGE = lookup.findVarHandle(ResponseTime.class, "average", double.class);
            OBSERVED_AT = lookup.findVarHandle(ResponseTime.class, "observedAt", long.class);
            SENT_WELL = lookup.findVarHandle(ResponseTime.class, "sentWell", long.class);
            OBSERVATIONS = lookup.findVarHandle(ResponseTime.class, "observations", int.class);
            IN_DOUBT = lookup.findVarHandle(ResponseTime.class, "inDoubt", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Nanoseconds since an arbitrary moment, never going back. */
    final LongSupplier nanoClock;

    private volatile double average; // in nanoseconds; 0 - nothing observed yet
    private volatile double hung; // mean age in nanoseconds where requests hang, else 0
    private volatile boolean inDoubt = true;
    private volatile int observations; // up to MEMORY
    private volatile long firstObservedAt;
    private volatile long observedAt; // when the average was last changed
    private volatile long sentWell; // when the last request was sent that was answered as expected
    private volatile double beforeJump; // the average before a jump that is believed; 0 - there was none
    private volatile int confirmations; // of that jump
    private volatile long jumpedAt; // when the present jump was first seen
    private volatile long overJumpedAt; // the same of the last jump that turned out to be over
    private volatile double overNanos; // and its length; 0 - there was none since the tick asked
    private volatile long overElsewhereAt; // when that was learnt; only where overElsewhere
    private volatile boolean overElsewhere; // a jump like the present one turned out to be over at another endpoint
    private volatile long passedOver; // requests that went to the cluster's endpoints since the last observation

    ResponseTime(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        long now = nanoClock.getAsLong();
        this.observedAt = now;
        this.sentWell = now;
    }

    /**
     * Returns the time that a request takes, in nanoseconds: the response time, or the mean age of the requests in flight
     * where they hang; 0 where nothing was observed.
     */
    public final double costNanos() {
        double age = hung;
        return age == 0 ? average : Math.max(average, age);
    }

    /** Returns the response time without regard to requests that hang, in nanoseconds; 0 where nothing was observed. */
    public final double responseNanos() {
        return average;
    }

    /**
     * Returns whether the response time is not known, or not relied on any more: the next request, one at a time, is to find
     * out.
     */
    public final boolean isInDoubt() {
        return inDoubt;
    }

    /**
     * Learns that requests went to the endpoints of its cluster. For the tick of that cluster.
     *
     * @param requests how many since the last tick, 0 or more
     */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer but for those who set it to 0
    public final void passedOver(long requests) {
        if (requests > 0) {
            passedOver += requests;
        }
    }

    /** Returns the length of a jump that turned out to be over since this was last asked, 0 where none did. For the tick. */
    public final double takeJumpOver() {
        double nanos = overNanos;
        if (nanos != 0) {
            overNanos = 0;
        }
        return nanos;
    }

    /** Returns when that jump was first seen. */
    public final long overJumpedAt() {
        return overJumpedAt;
    }

    /**
     * Learns that a jump turned out to be over at another endpoint of its cluster. Where this one jumped at about the same time
     * and about as far, both had the same reason, a pause of this process or a service that was slow as a whole, and the next
     * request is to find out. For the tick of that cluster.
     */
    public final void jumpOverElsewhere(long otherJumpedAt, double otherNanos) {
        if (beforeJump > 0
                && Math.abs(jumpedAt - otherJumpedAt) <= SAME_REASON_NANOS
                && average <= SAME_REASON * otherNanos) {
            long now = nanoClock.getAsLong();
            overElsewhereAt = now;
            overElsewhere = true;
            doubt(now);
        }
    }

    /** Learns how long a request took that has just ended. */
    final void observe(long now, double measuredNanos) {
        double nanos = Math.max(1, measuredNanos); // 0 stands for nothing observed
        long sentAt = now - (long) nanos;
        int before = observations;
        double present = average;
        if (before >= FIRST_OBSERVATIONS && nanos <= JUMP * present && beforeJump == 0) { // as nearly always
            boolean faster = nanos * FASTER < present && isDue(sentAt);
            AVERAGE.setRelease(this, faster ? nanos : averageWith(present, now, nanos));
            SENT_WELL.setRelease(this, sentAt);
        } else if (before < FIRST_OBSERVATIONS) {
            observeFirst(before, now, sentAt, nanos);
        } else if (beforeJump > 0) {
            observeAfterJump(now, sentAt, nanos);
        } else {
            observeJump(now, sentAt, nanos);
        }
        if (before < MEMORY) {
            OBSERVATIONS.setRelease(this, before + 1);
        }
        OBSERVED_AT.setRelease(this, now);
        if (passedOver != 0) {
            passedOver = 0;
        }
        if (overElsewhere && sentAt - overElsewhereAt >= 0) { // one sent before that says nothing about it
            overElsewhere = false;
        }
        if (hung != 0) {
            hung = 0;
        }
        if (inDoubt || beforeJump > 0) { // else nothing that has just been observed is in doubt
            doubt(now);
        }
    }

    private void observeFirst(int before, long now, long sentAt, double nanos) {
        double least = nanos;
        if (before == 0) {
            firstObservedAt = now;
        } else {
            least = Math.min(average, nanos);
        }
        AVERAGE.setRelease(this, least);
        if (nanos <= JUMP * least && sentAt - sentWell > 0) {
            SENT_WELL.setRelease(this, sentAt);
        }
    }

    private void observeJump(long now, long sentAt, double nanos) {
        double limited = averageWith(average, now, JUMP * average); // so that many such answers show in the average
        if (sentAt - sentWell < 0) { // the endpoint has answered well since
            AVERAGE.setRelease(this, limited);
        } else {
            jumpedAt = now;
            beforeJump = limited;
            confirmations = 0;
            AVERAGE.setRelease(this, nanos);
        }
    }

    private void observeAfterJump(long now, long sentAt, double nanos) {
        double jumped = average;
        if (nanos * nanos <= jumped * beforeJump) { // nearer to what it was than to what it has become
            AVERAGE.setRelease(this, averageWith(beforeJump, now, nanos));
            beforeJump = 0;
            overElsewhere = false;
            overJumpedAt = jumpedAt;
            overNanos = jumped;
            SENT_WELL.setRelease(this, sentAt);
        } else {
            AVERAGE.setRelease(this, jumped + (nanos - jumped) * JUMP_WEIGHT);
            confirmations = Math.min(confirmations + 1, MAX_CONFIRMATIONS);
            if (nanos <= JUMP * jumped) {
                SENT_WELL.setRelease(this, sentAt);
            }
        }
    }

    private double averageWith(double present, long now, double nanos) {
        double weight = 1.0 / MEMORY;
        long elapsed = now - observedAt;
        if (elapsed > DECAY_NANOS / MEMORY) { // only then the time since the last one gives it more
            weight = Math.max(weight, Math.min(MAX_WEIGHT, 1 - remaining(elapsed)));
        }
        if (nanos < present && observations < MEMORY) {
            weight = Math.max(weight, WARMING_UP_WEIGHT);
        }
        return present + (nanos - present) * weight;
    }

    /** Lets a tick pass: looks whether requests hang, and whether it is time to try again. */
    final void tickResponseTime(double ageNanos, int inFlight, long now) {
        double present = average;
        boolean silent = now - sentWell > Math.max(LEAST_HUNG, HUNG_FACTOR * present);
        boolean late = ageNanos > Math.max(LEAST_HUNG, present * (1 + 1.0 / Math.max(1, inFlight)));
        hung = present > 0 && silent && late ? ageNanos : 0;
        doubt(now);
    }

    private void doubt(long now) {
        boolean doubtful = observations < FIRST_OBSERVATIONS || isDue(now);
        if (doubtful != inDoubt) {
            IN_DOUBT.setRelease(this, doubtful);
        }
    }

    /** Returns whether a request that is sent then finds out whether the endpoint is as slow as it is believed to be. */
    private boolean isDue(long now) {
        double slow = average;
        double bySquare = Math.min(LONGEST_LEFT_ALONE, slow * (slow / VERIFIED_AFTER_ITS_LENGTH));
        double longest = Math.max(TRIED_AGAIN, bySquare);
        long unobserved = now - observedAt;
        if (beforeJump > 0) {
            if (overElsewhere) {
                return true;
            }
            int doublings = confirmations;
            double first = bySquare >= slow || bySquare == LONGEST_LEFT_ALONE ? bySquare : doublings == 0 ? 0 : slow;
            return unobserved >= Math.min(first * (1L << doublings), longest)
                    && passedOver >= (1L << Math.min(doublings, MAX_DOUBLINGS)) - 1;
        }
        int doublings = observations < MEMORY ? observations - FIRST_OBSERVATIONS : MAX_CONFIRMATIONS;
        boolean isCold = observations < MEMORY && now - firstObservedAt < COLD_NANOS;
        return unobserved >= Math.min(slow * (1L << doublings), longest)
                && passedOver >= 1L << (isCold ? Math.min(doublings, MAX_DOUBLINGS) : MAX_DOUBLINGS);
    }

    /**
     * Returns about {@code e^(-dt/tau)}, by the first terms of the series of e^x in the denominator: at most 2% off for up
     * to half of tau, always between 0 and 1, and without the cost of an exponential in every request.
     */
    private static double remaining(long nanos) {
        double x = nanos * PER_DECAY_NANO;
        return x <= 0 ? 1 : 1 / (1 + x + x * x / 2);
    }
}
