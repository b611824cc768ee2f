/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;

/**
 * One request in flight to one endpoint: counted from {@link #start} until {@link #end}, exactly once whatever happens.
 * Any thread may end it, several may try; the first one counts and the others are told so.
 */
public final class Lease {
    private static final AtomicIntegerFieldUpdater<Lease> ENDED =
            AtomicIntegerFieldUpdater.newUpdater(Lease.class, "ended");

    private final EndpointLoad load;
    private final Listener listener;
    private final long startedAt; // nanoseconds of the load's clock
    private volatile int ended; // 0 - in flight, 1 - ended

    private Lease(EndpointLoad load, Listener listener, long startedAt) {
        this.load = load;
        this.listener = listener;
        this.startedAt = startedAt;
    }

    /**
     * Counts one more request in flight.
     *
     * @param load whose request it is
     * @param listener told once, on the ending thread, after the request was counted out
     */
    public static Lease start(EndpointLoad load, Listener listener) {
        return new Lease(load, listener, load.started());
    }

    /** Returns the load of the endpoint that it was started on. */
    public EndpointLoad load() {
        return load;
    }

    /** Returns whether it was ended. */
    public boolean hasEnded() {
        return ended != 0;
    }

    /**
     * Counts the request out.
     *
     * @return false if it had been ended before, in which case nothing changes
     */
    public boolean end(Outcome outcome) {
        if (!ENDED.compareAndSet(this, 0, 1)) {
            return false;
        }
        load.ended(startedAt, outcome);
        listener.ended(load, outcome);
        return true;
    }

    /** Is told how a request ended. */
    @FunctionalInterface
    public interface Listener {
        /** Does nothing. */
        Listener NONE = (load, outcome) -> {};

        /** Must not throw and must not block. */
        void ended(EndpointLoad load, Outcome outcome);
    }
}
