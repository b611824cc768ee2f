/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How many requests a cluster has in flight to all its endpoints together. Kept only by clusters that need it, because every
 * request pays for it.
 *
 * <p>A request whose end is never told would take away from a limit for ever. As in {@link InFlight} it is given up after one
 * to two times the maximum age: requests are counted by the period in which they started, and the counters of three periods are
 * kept,
 *
 * <pre>
 *  period     k-2        k-1          k          k+1
 *          forgotten   they end   they start   empty yet: for those who are ahead of the tick
 * </pre>
 *
 * <p>A period's counter is an object of its own, which is dropped and never set to 0: whoever started or ends a request of that
 * period adds to this object or, where it is not kept any more, to none. So it does not matter how long a thread stands still
 * between its look at the counters and its addition, nor how late the tick is.
 *
 * <p><b>Writers:</b> any thread that starts or ends a request, each in a cell of its own; the moment, the tick; the counters kept,
 * the tick, or whoever starts a request so far ahead of it that there is no counter yet, by one compare-and-set. <b>Readers:</b>
 * any thread that picks. A reader may miss requests that start or end while it adds up the cells.
 */
public final class InFlightTotal {
    private static final VarHandle KEPT;

    static {
        try {
            KEPT = MethodHandles.lookup().findVarHandle(InFlightTotal.class, "kept", Counters.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final LongAdder streams = new LongAdder();
    private final LongSupplier nanoClock;
    private final long createdAt;
    private final long periodNanos;
    private volatile Counters kept = new Counters(0, new LongAdder(), new LongAdder(), new LongAdder());
    private volatile int moment;

    /**
     * Starts with nothing in flight.
     *
     * @param nanoClock that of the endpoints' loads
     */
    public InFlightTotal(LongSupplier nanoClock) {
        this(nanoClock, EndpointLoad.MAX_LEASE_AGE);
    }

    /**
     * Starts with nothing in flight.
     *
     * @param nanoClock that of the endpoints' loads
     * @param maxLeaseAge theirs, too
     */
    public InFlightTotal(LongSupplier nanoClock, Duration maxLeaseAge) {
        this.nanoClock = nanoClock;
        this.createdAt = RequestState.start(nanoClock.getAsLong());
        this.periodNanos = maxLeaseAge.toNanos();
    }

    /**
     * Counts one more. Each call must be paired with {@link #ended}.
     *
     * @param begun what {@link EndpointLoad#begin} or {@link EndpointLoad#beginStream} returned
     */
    public void started(long begun) {
        add(begun, 1);
    }

    /**
     * Counts one less, unless it has been given up.
     *
     * @param begun what {@link #started} was told
     */
    public void ended(long begun) {
        add(begun, -1);
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
        } else if (RequestState.isUnbounded(begun) && !RequestState.isUnbounded(answered)) {
            started(answered);
            streams.decrement();
        }
    }

    /** Returns the number in flight, 0 or more. */
    public long get() {
        return Math.max(0, kept.sum() + streams.sum());
    }

    /** Lets a tenth of a second pass. Called by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    public void tick() {
        moment++;
        advanceTo(periodOf(nanoClock.getAsLong()));
    }

    /** Returns which tenth of a second it is, for those who measure something as often as that. */
    public int moment() {
        return moment;
    }

    private void add(long begun, int requests) {
        LongAdder counter = RequestState.isUnbounded(begun) ? streams : counterOf(periodOf(RequestState.start(begun)));
        if (counter != null) {
            counter.add(requests);
        }
    }

    /** Returns the counter of the requests that started in a period, null where they have been given up. */
    private @Nullable LongAdder counterOf(long periodOfStart) {
        Counters present = kept;
        if (periodOfStart > present.period + 1) { // the tick is late by a whole period
            advanceTo(periodOfStart);
            present = kept;
        }
        return present.of(periodOfStart);
    }

    private void advanceTo(long period) {
        Counters present = kept;
        while (present.period < period) {
            KEPT.compareAndSet(this, present, present.advancedTo(period));
            present = kept;
        }
    }

    private long periodOf(long time) {
        return Math.floorDiv(time - createdAt, periodNanos);
    }

    /**
     * The counters that are kept at one moment. Immutable but for what they count.
     *
     * @param period the present one
     * @param last of those that started in the period before
     * @param present of those that started in this one
     * @param next of those that started in the next one
     */
    private record Counters(long period, LongAdder last, LongAdder present, LongAdder next) {

        @Nullable
        LongAdder of(long periodOfStart) {
            if (periodOfStart == period) {
                return present;
            }
            return periodOfStart == period + 1 ? next : periodOfStart == period - 1 ? last : null;
        }

        Counters advancedTo(long later) {
            LongAdder before = of(later - 1);
            LongAdder begun = of(later);
            return new Counters(
                    later,
                    before == null ? new LongAdder() : before,
                    begun == null ? new LongAdder() : begun,
                    new LongAdder());
        }

        long sum() {
            return last.sum() + present.sum() + next.sum();
        }
    }
}
