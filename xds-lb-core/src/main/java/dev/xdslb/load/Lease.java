/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * One request in flight to one endpoint: counted until {@link #end}, exactly once whatever happens. Any thread may end it,
 * several may try; the first one counts and the others are told so.
 */
public abstract class Lease {
    private static final VarHandle ENDED;

    static {
        try {
            ENDED = MethodHandles.lookup().findVarHandle(Lease.class, "ended", boolean.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final long begun;
    private volatile boolean ended; // written once, by whoever ends it first

    /**
     * Takes over what was counted in.
     *
     * @param begun what {@link EndpointLoad#begin} or {@link EndpointLoad#beginStream} returned
     */
    protected Lease(long begun) {
        this.begun = begun;
    }

    /**
     * Counts one more request in flight, timed.
     *
     * @param load whose request it is
     * @param listener told once, on the ending thread, after the request was counted out
     */
    public static Lease start(EndpointLoad load, Listener listener) {
        return new ListenedLease(load, load.begin(true), listener);
    }

    /**
     * Counts one more stream in flight: something that stays open for as long as both sides like, so that its length says
     * nothing about the endpoint.
     *
     * @param load whose stream it is
     * @param listener told once, on the ending thread, after the stream was counted out
     */
    public static Lease startStream(EndpointLoad load, Listener listener) {
        return new ListenedLease(load, load.beginStream(), listener);
    }

    /** Returns the load of the endpoint that it was started on. */
    public abstract EndpointLoad load();

    /**
     * Counts the request out; called once.
     *
     * @param start what the constructor was told
     */
    protected abstract void countOut(long start, Outcome outcome);

    /** Returns whether it was ended. */
    public final boolean hasEnded() {
        return ended;
    }

    /**
     * Counts the request out.
     *
     * @return false if it had been ended before, in which case nothing changes
     */
    public final boolean end(Outcome outcome) {
        if (!ENDED.compareAndSet(this, false, true)) {
            return false;
        }
        countOut(begun, outcome);
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

    private static final class ListenedLease extends Lease {
        private final EndpointLoad load;
        private final Listener listener;

        private ListenedLease(EndpointLoad load, long begun, Listener listener) {
            super(begun);
            this.load = load;
            this.listener = listener;
        }

        @Override
        public EndpointLoad load() {
            return load;
        }

        @Override
        protected void countOut(long start, Outcome outcome) {
            load.end(start, outcome);
            listener.ended(load, outcome);
        }
    }
}
