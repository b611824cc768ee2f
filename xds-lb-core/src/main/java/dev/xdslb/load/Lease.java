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
    private final boolean stream;
    private final long startedAt; // nanoseconds of the load's clock; only where it is no stream
    private volatile int ended; // 0 - in flight, 1 - ended

    private Lease(EndpointLoad load, Listener listener, boolean stream, long startedAt) {
        this.load = load;
        this.listener = listener;
        this.stream = stream;
        this.startedAt = startedAt;
    }

    /**
     * Counts one more request in flight.
     *
     * @param load whose request it is
     * @param listener told once, on the ending thread, after the request was counted out
     */
    public static Lease start(EndpointLoad load, Listener listener) {
        return new Lease(load, listener, false, load.started());
    }

    /**
     * Counts one more stream in flight: something that stays open for as long as both sides like, so that its length says
     * nothing about the endpoint.
     *
     * @param load whose stream it is
     * @param listener told once, on the ending thread, after the stream was counted out
     */
    public static Lease startStream(EndpointLoad load, Listener listener) {
        load.streamStarted();
        return new Lease(load, listener, true, 0);
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
        if (stream) {
            load.streamEnded(outcome);
        } else {
            load.ended(startedAt, outcome);
        }
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
