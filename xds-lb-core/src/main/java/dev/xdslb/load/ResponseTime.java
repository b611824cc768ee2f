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
 * <p>It is a peak-sensitive moving average, as in Finagle's {@code PeakEwma}: an observation above it replaces it at once, one
 * below pulls it down with the weight {@code 1 - e^(-dt/tau)}, tau being {@link #DECAY} and dt the time since the last
 * observation. Without observations it decays to zero, half as fast, so that an endpoint that was slow is tried again after a
 * while: each of its clients pays for that try with a slow request. The decay without observations happens at the tick, so a
 * pick reads one number.
 *
 * <p><b>Hung requests:</b> an endpoint that answers nothing gives no observation. When the mean age of its requests in
 * flight exceeds {@value #HUNG_FACTOR} times its response time, the age counts as its response time (the rule of go-kratos
 * and brpc); looked at by the tick, ten times a second.
 *
 * <p><b>Writers:</b> any thread that ends a request, and the tick, on one thread. <b>Readers:</b> any thread that picks.
 *
 * <p><b>Lossy on purpose:</b> of two requests that end at the same moment one observation may be lost, and an observation
 * beside a tick may undo the tick's. The next request corrects the estimate; a lock or a retry loop would cost every request
 * more than the lost observation is worth. Written without a fence, so a pick on another core may see it a moment late.
 */
abstract class ResponseTime {
    /** How long an observation matters: its weight falls to 1/e in this time. The value is Finagle's. */
    static final Duration DECAY = Duration.ofSeconds(10);

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

    private static final double PER_DECAY_NANO = 1.0 / DECAY.toNanos();
    private static final double PER_IDLE_DECAY_NANO = 1.0 / IDLE_DECAY.toNanos();

    private static final VarHandle AVERAGE;
    private static final VarHandle OBSERVED_AT;
    private static final VarHandle COST;

    static {
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup();
            AVERAGE = lookup.findVarHandle(ResponseTime.class, "average", double.class);
            OBSERVED_AT = lookup.findVarHandle(ResponseTime.class, "observedAt", long.class);
            COST = lookup.findVarHandle(ResponseTime.class, "cost", double.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    /** Nanoseconds since an arbitrary moment, never going back. */
    final LongSupplier nanoClock;

    private volatile double average; // in nanoseconds; 0 - nothing observed yet, or long ago
    private volatile long observedAt; // when the average was last changed
    private volatile double hung; // mean age in nanoseconds where requests hang, else 0; written by the tick only
    private volatile double lastSeen; // the average before it began to fade; written by the slow tick only
    private double faded; // what the last slow tick left; touched by it only
    private volatile double cost; // the greater of average and hung, so that a pick reads one number

    ResponseTime(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.observedAt = nanoClock.getAsLong();
    }

    /**
     * Returns the time that a request takes, in nanoseconds: the response time, or the mean age of the requests in flight
     * where they hang; 0 where nothing was observed.
     */
    public final double costNanos() {
        return cost;
    }

    /**
     * Returns the response time as it was when requests were last answered, to half a second, in nanoseconds; 0 where none was.
     * Unlike {@link #costNanos()} it does not fade without them.
     */
    public final double lastSeenNanos() {
        return lastSeen;
    }

    /** Learns how long a request took that has just ended. */
    final void observe(long now, double nanos) {
        double before = average;
        double after = nanos >= before ? nanos : nanos + (before - nanos) * remaining(now - observedAt, PER_DECAY_NANO);
        AVERAGE.setRelease(this, after);
        OBSERVED_AT.setRelease(this, now);
        COST.setRelease(this, Math.max(after, hung));
    }

    /** Lets a tick pass: compares with the mean age of the requests in flight. */
    final void tickResponseTime(double ageNanos) {
        double present = average;
        hung = present > 0 && ageNanos > HUNG_FACTOR * present ? ageNanos : 0;
        cost = Math.max(present, hung);
    }

    /** Lets a slow tick pass: the estimate ages. */
    final void slowTickResponseTime(long now) {
        double present = average;
        if (present != faded) { // something was observed since the last time
            lastSeen = present;
        }
        double aged = present * remaining(now - observedAt, PER_IDLE_DECAY_NANO);
        faded = aged;
        average = aged;
        observedAt = now;
        cost = Math.max(aged, hung);
    }

    /**
     * Returns about {@code e^(-dt/tau)}, by the first terms of the series of e^x in the denominator: at most 2% off for up
     * to half of tau, always between 0 and 1, and without the cost of an exponential in every request.
     */
    private static double remaining(long nanos, double perDecayNano) {
        double x = nanos * perDecayNano;
        return x <= 0 ? 1 : 1 / (1 + x + x * x / 2);
    }
}
