/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.util.concurrent.atomic.LongAdder;

/**
 * How many requests a cluster has in flight to all its endpoints together. Kept only by clusters that need it, because every
 * request pays for it.
 *
 * <p><b>Writers:</b> any thread that starts or ends a request, each in a cell of its own; the moment, the tick.
 * <b>Readers:</b> any thread that picks. A reader may miss requests that start or end while it adds up the cells.
 */
public final class InFlightTotal {
    private final LongAdder requests = new LongAdder();
    private volatile int moment;

    /** Starts with nothing in flight. */
    public InFlightTotal() {}

    /** Counts one more. Each call must be paired with {@link #ended}. */
    public void started() {
        requests.increment();
    }

    /** Counts one less. */
    public void ended() {
        requests.decrement();
    }

    /** Returns the number in flight, 0 or more. */
    public long get() {
        return Math.max(0, requests.sum());
    }

    /** Lets a tenth of a second pass. Called by one thread. */
    @SuppressWarnings("NonAtomicVolatileUpdate") // the tick is the only writer
    public void tick() {
        moment++;
    }

    /** Returns which tenth of a second it is, for those who measure something as often as that. */
    public int moment() {
        return moment;
    }
}
