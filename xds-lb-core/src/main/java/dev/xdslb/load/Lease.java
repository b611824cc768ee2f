/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * One request in flight to one endpoint: counted until {@link #end}, exactly once whatever happens. Any thread may end it,
 * several may try; the first one counts and the others are told so.
 *
 * <p>A request of which nothing is to be learnt is ended, too: see {@link #discard()}.
 *
 * <p>What is known before the end is told as well, by any thread: {@link #firstMessage()} when the endpoint has begun to
 * answer, and {@link #becomesStream()} when it turns out that the length of the response is not the endpoint's doing. Where an
 * end comes first, they change nothing.
 */
@API(status = API.Status.STABLE)
public abstract class Lease {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(Lease.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private volatile long state; // see RequestState; whoever changes it counts the change

    /**
     * Takes over what was counted in.
     *
     * @param begun what {@link EndpointLoad#begin} or {@link EndpointLoad#beginStream} returned
     */
    protected Lease(long begun) {
        this.state = begun;
    }

    /**
     * Counts one more request in flight, timed.
     *
     * @param load whose request it is
     * @param listener told once, on the ending thread, after the request was counted out
     */
    @API(status = API.Status.INTERNAL)
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
    @API(status = API.Status.INTERNAL)
    public static Lease startStream(EndpointLoad load, Listener listener) {
        return new ListenedLease(load, load.beginStream(), listener);
    }

    /** Returns the load of the endpoint that it was started on. */
    @API(status = API.Status.INTERNAL)
    public abstract EndpointLoad load();

    /** Returns at which moment its response time is measured. */
    protected TimedUntil timedUntil() {
        return TimedUntil.DEFAULT;
    }

    /** Counts that it has come further; called once for each change, see {@link EndpointLoad#advance}. */
    protected abstract void countChange(long before, long after);

    /**
     * Counts the request out; called once.
     *
     * @param last the last state
     */
    protected abstract void countOut(long last, Outcome outcome);

    /** Counts out a request that was refused, like {@link #countOut}. */
    protected void countRefused(long last, Duration retryAfter) {
        countOut(last, Outcome.REFUSED);
    }

    /** Counts out a request whose body never came, like {@link #countOut}. */
    protected void countSilent(long last) {
        countOut(last, Outcome.CANCELLED);
    }

    /** Counts out a request of which nothing is to be learnt, like {@link #countOut}. */
    protected void countDiscarded(long last) {
        countOut(last, Outcome.CANCELLED);
    }

    /**
     * Says that the endpoint has begun to answer, and well: with good headers or a first message. From here on it counts in
     * flight and does not get older. A caller that gives up now has had his answer; that of a stream counts as a success at once.
     *
     * @return false where that was known, or it has ended
     */
    public final boolean firstMessage() {
        while (true) {
            long before = state;
            long after = RequestState.withFirstMessage(before, timedUntil() == TimedUntil.HEADERS);
            if (after == before) {
                return false;
            }
            if (STATE.compareAndSet(this, before, after)) {
                countChange(before, after);
                return true;
            }
        }
    }

    /** Says that the first byte of the body is there: the response time where it is measured until then. */
    public final void firstByte() {
        if (timedUntil() != TimedUntil.FIRST_BYTE) {
            return;
        }
        while (true) {
            long before = state;
            long after = RequestState.withResponseTime(before);
            if (after == before) {
                return;
            }
            if (STATE.compareAndSet(this, before, after)) {
                countChange(before, after);
                return;
            }
        }
    }

    /**
     * Says that it is a stream: it counts neither in response time nor in age, whenever this is found out. A success counts as
     * soon as the {@link #firstMessage()} is there.
     *
     * @return false where it is one, or has ended
     */
    public final boolean becomesStream() {
        while (true) {
            long before = state;
            long after = RequestState.asStream(before);
            if (after == before) {
                return false;
            }
            if (STATE.compareAndSet(this, before, after)) {
                countChange(before, after);
                return true;
            }
        }
    }

    /**
     * Says that only now the endpoint owes an answer: it was a stream for as long as its caller was still sending. Response time and
     * age begin at this moment.
     *
     * @return false where it is no stream, has been answered or has ended
     */
    @API(status = API.Status.INTERNAL)
    public final boolean startsAnew() {
        long before = state;
        if (!RequestState.isOpenStream(before)) {
            return false;
        }
        long begun = load().begin(true); // first, so that it is never missing for a moment
        if (STATE.compareAndSet(this, before, begun)) {
            countChange(before, begun);
            return true;
        }
        load().takeBack(begun);
        return false;
    }

    /** Returns whether it was ended. */
    public final boolean hasEnded() {
        return state == RequestState.ENDED;
    }

    /**
     * Counts the request out.
     *
     * @return false if it had been ended before, in which case nothing changes
     */
    public final boolean end(Outcome outcome) {
        long last = (long) STATE.getAndSet(this, RequestState.ENDED);
        if (last == RequestState.ENDED) {
            return false;
        }
        countOut(last, outcome);
        return true;
    }

    /**
     * Counts the request out as {@link Outcome#REFUSED}.
     *
     * @param retryAfter for how long the endpoint asked to be left alone; zero where it did not
     * @return false if it had been ended before, in which case nothing changes
     */
    public final boolean endRefused(Duration retryAfter) {
        long last = (long) STATE.getAndSet(this, RequestState.ENDED);
        if (last == RequestState.ENDED) {
            return false;
        }
        countRefused(last, retryAfter);
        return true;
    }

    /**
     * Counts out a request that its caller gave up while it waited for the first byte of a body that never came, although the
     * headers were good. What that says depends on how long the endpoint had been given, as without headers.
     *
     * @return false if it had been ended before, in which case nothing changes
     */
    public final boolean endSilent() {
        long last = (long) STATE.getAndSet(this, RequestState.ENDED);
        if (last == RequestState.ENDED) {
            return false;
        }
        countSilent(last);
        return true;
    }

    /**
     * Counts out a request that says nothing about the endpoint: it was never sent, or what went wrong was the caller's own doing.
     * Unlike {@link Outcome#CANCELLED}, it is no time-out either, however long it was in flight. Where the endpoint had begun to
     * answer well, it has answered.
     *
     * @return false if it had been ended before, in which case nothing changes
     */
    public final boolean discard() {
        long last = (long) STATE.getAndSet(this, RequestState.ENDED);
        if (last == RequestState.ENDED) {
            return false;
        }
        countDiscarded(last);
        return true;
    }

    /** Is told how a request ended. */
    @FunctionalInterface
    @API(status = API.Status.INTERNAL)
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
        protected void countChange(long before, long after) {
            load.advance(before, after);
        }

        @Override
        protected void countOut(long last, Outcome outcome) {
            listener.ended(load, load.end(last, outcome));
        }
    }
}
