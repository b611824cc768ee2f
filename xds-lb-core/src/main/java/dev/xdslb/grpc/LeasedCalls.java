/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RequestState;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.Candidate;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls of one kind to one candidate until they are closed. The endpoint has begun to answer a unary call with the
 * headers, and a stream with the first message.
 *
 * <p>The tracer is made on the calling thread right after the pick, and only where the pick is used; grpc-java reports
 * the end of what it makes once, whatever ends it, but for what {@link CallAttempts} knows. Each attempt of a retried call has a tracer of
 * its own.
 */
final class LeasedCalls extends ClientStreamTracer.Factory {
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(LeasedCall.class, "state", long.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final Cluster cluster;
    private final Candidate candidate;
    private final boolean streams;
    private final FailureCodes failures;
    private final TimedUntil until;

    LeasedCalls(Cluster cluster, Candidate candidate, boolean streams, FailureCodes failures) {
        this.cluster = cluster;
        this.candidate = candidate;
        this.streams = streams;
        this.failures = failures;
        this.until = cluster.settings().responseTime();
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        CallOptions call = info.getCallOptions();
        Consumer<Endpoint> listener = call.getOption(XdsLbGrpc.ATTEMPT_LISTENER);
        if (listener != null) {
            listener.accept(candidate.endpoint());
        }
        LeasedCall leased = new LeasedCall(call);
        if (CallAttempts.begin(call, candidate.endpoint().key(), headers, leased)) {
            cluster.retryBudget().retried();
        }
        return leased;
    }

    private static @Nullable Deadline deadlineOf(CallOptions options) {
        Deadline own = options.getDeadline();
        Deadline inherited = Context.current().getDeadline();
        if (own == null || inherited == null) {
            return own == null ? inherited : own;
        }
        return own.minimum(inherited);
    }

    /**
     * The flags are written before the end of the stream by the thread that reports that end, or do not matter to it. The state
     * is changed by compare-and-set, because an answer and a cancel may come at the same time.
     */
    private final class LeasedCall extends ClientStreamTracer implements CallAttempts.Attempt {
        private final CallOptions call;
        private final @Nullable Deadline deadline;
        private volatile long state; // no lease, which would be one more object per call: see RequestState
        private boolean created; // the connection took the call; false where the caller's credentials failed, say
        private volatile boolean sent; // the endpoint may have heard of it; written by the transport's thread
        private boolean answered; // the endpoint itself said how the call ended
        private volatile boolean hasMessage; // written by the transport's thread, read where the caller may cancel
        private @Nullable Duration pushback; // null where the endpoint did not say when to try again

        private LeasedCall(CallOptions call) {
            this.state = streams ? cluster.beginStream(candidate) : cluster.begin(candidate);
            this.call = call;
            this.deadline = deadlineOf(call);
        }

        @Override
        public void streamCreated(Attributes transportAttributes, Metadata headers) {
            created = true;
        }

        @Override
        public void outboundHeaders() {
            sent = true;
        }

        /** Of a stream they say nothing: a server may send them before it does anything. */
        @Override
        public void inboundHeaders() {
            if (!streams) {
                firstMessage();
            }
        }

        @Override
        public void inboundMessage(int seqNo) {
            hasMessage = true;
            firstMessage();
            long before = state;
            if (until == TimedUntil.FIRST_BYTE) {
                change(before, RequestState.withResponseTime(before));
            }
        }

        @Override
        public void inboundTrailers(Metadata trailers) {
            answered = true;
            pushback = Pushback.in(trailers);
        }

        @Override
        public void streamClosed(Status status) {
            long last = (long) STATE.getAndSet(this, RequestState.ENDED);
            if (last == RequestState.ENDED) {
                return;
            }
            CallAttempts.end(call, status, this);
            if (!created
                    || wasNeverSent(status)
                    || FailureCodes.isCallersOwn(status, answered)) { // however long it waited
                cluster.endDiscarded(candidate, last);
                return;
            }
            Outcome outcome =
                    failures.outcomeOf(wasLate(status) ? Status.DEADLINE_EXCEEDED : status, answered, pushback != null);
            if (outcome == Outcome.CANCELLED && !hasMessage && RequestState.isAnswered(last)) {
                cluster.endSilent(candidate, last);
            } else if (outcome == Outcome.REFUSED) {
                cluster.endRefused(candidate, last, pushback == null ? Duration.ZERO : pushback);
            } else {
                cluster.end(candidate, last, outcome);
            }
        }

        /** An attempt that has got as far as to be sent is closed by grpc-java, and before its call. */
        @Override
        public void callIsOver() {
            if (sent) {
                return;
            }
            long last = (long) STATE.getAndSet(this, RequestState.ENDED);
            if (last != RequestState.ENDED) {
                CallAttempts.end(call, Status.CANCELLED, this);
                cluster.endDiscarded(candidate, last);
            }
        }

        private void firstMessage() {
            long before = state;
            change(before, RequestState.withFirstMessage(before, until == TimedUntil.HEADERS));
        }

        /** Nothing is tried again: only the end can be in the way, and then there is nothing left to change. */
        private void change(long before, long after) {
            if (after != before && STATE.compareAndSet(this, before, after)) {
                cluster.advance(candidate, before, after);
            }
        }

        /**
         * The connection ended, as by a server's maximum connection age, after the pick and before the call was written to it. grpc-java
         * sends the call elsewhere.
         */
        private boolean wasNeverSent(Status status) {
            return !sent && status.getCode() == Status.Code.UNAVAILABLE;
        }

        /** grpc-java reports an attempt that it could still have retried as cancelled when the call's deadline passes. */
        private boolean wasLate(Status status) {
            return status.getCode() == Status.Code.CANCELLED && deadline != null && deadline.isExpired();
        }
    }
}
