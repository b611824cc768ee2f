/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;

/**
 * How many requests a cluster has in flight to all its endpoints together. Kept only by clusters that need it, because every
 * request pays for it.
 *
 * <p>A request whose end is never told would take away from a limit for ever. As in {@link InFlight} it is given up after one
 * to two times the maximum age: requests are counted by the period in which they started, in one of three counters in turn,
 *
 * <pre>
 *  period     k-2        k-1          k          k+1
 *           emptied   they end   they start   empty yet: for those who are ahead of the tick
 * </pre>
 *
 * and the end of one that started before the last period takes nothing away.
 *
 * <p><b>Writers:</b> any thread that starts or ends a request, each in a cell of its own; the moment and the period, the tick.
 * <b>Readers:</b> any thread that picks. A reader may miss requests that start or end while it adds up the cells.
 */
public final class InFlightTotal {
    private static final int PERIODS = 3;

    private final LongAdder[] requests = {new LongAdder(), new LongAdder(), new LongAdder()}; // by period, modulo 3
    private final LongAdder streams = new LongAdder();
    private final LongSupplier nanoClock;
    private final long createdAt;
    private final long periodNanos;
    private volatile long period;
    private volatile int moment;

    /**
     * Starts with nothing in flight.
     *
     * @param nanoClock that of the endpoints' loads
     */
    public InFlightTotal(LongSupplier nanoClock) {
        this.nanoClock = nanoClock;
        this.createdAt = RequestState.start(nanoClock.getAsLong());
        this.periodNanos = EndpointLoad.MAX_LEASE_AGE.toNanos();
    }

    /**
     * Counts one more. Each call must be paired with {@link #ended}.
     *
     * @param begun what {@link EndpointLoad#begin} or {@link EndpointLoad#beginStream} returned
     */
    public void started(long begun) {
        counter(begun).increment();
    }

    /**
     * Counts one less, unless it has been given up.
     *
     * @param begun what {@link #started} was told
     */
    public void ended(long begun) {
        if (RequestState.isUnbounded(begun) || periodOf(RequestState.start(begun)) >= period - 1) {
            counter(begun).decrement();
        }
    }

    /**
     * Counts one on that has come further.
     *
     * @param begun what {@link #started} was told
     * @param answered what {@link #ended} is to be told instead
     */
    public void moved(long begun, long answered) {
        if (RequestState.isUnbounded(answered) && !RequestState.isUnbounded(begun)) {
            streams.increment();
            ended(begun);
        }
    }

    /** Returns the number in flight, 0 or more. */
    public long get() {
        return Math.max(0, requests[0].sum() + requests[1].sum() + requests[2].sum() + streams.sum());
    }

    /** Lets a tenth of a second pass. Called by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    public void tick() {
        moment++;
        long present = periodOf(nanoClock.getAsLong());
        while (period < present) {
            period++;
            counterOf(period + 1).reset();
        }
    }

    /** Returns which tenth of a second it is, for those who measure something as often as that. */
    public int moment() {
        return moment;
    }

    private LongAdder counter(long begun) {
        return RequestState.isUnbounded(begun) ? streams : counterOf(periodOf(RequestState.start(begun)));
    }

    private LongAdder counterOf(long periodOfStart) {
        return requests[Math.floorMod(periodOfStart, PERIODS)];
    }

    private long periodOf(long time) {
        return Math.floorDiv(time - createdAt, periodNanos);
    }
}
