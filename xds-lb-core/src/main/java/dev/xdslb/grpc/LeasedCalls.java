/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import io.grpc.Attributes;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Status;
import org.jspecify.annotations.Nullable;

/**
 * Counts the calls of one kind to one candidate: unary calls until they are answered, streams until they are closed.
 *
 * <p>The tracer is made on the calling thread right after the pick, and only where the pick is used; grpc-java reports
 * the end of what it makes once, whatever ends it. Each attempt of a retried call has a tracer of its own.
 */
final class LeasedCalls extends ClientStreamTracer.Factory {
    private final Cluster cluster;
    private final Candidate candidate;
    private final boolean streams;
    private final FailureCodes failures;

    LeasedCalls(Cluster cluster, Candidate candidate, boolean streams, FailureCodes failures) {
        this.cluster = cluster;
        this.candidate = candidate;
        this.streams = streams;
        this.failures = failures;
    }

    @Override
    public ClientStreamTracer newClientStreamTracer(ClientStreamTracer.StreamInfo info, Metadata headers) {
        return new LeasedCall(deadlineOf(info.getCallOptions()));
    }

    private static @Nullable Deadline deadlineOf(CallOptions options) {
        Deadline own = options.getDeadline();
        Deadline inherited = Context.current().getDeadline();
        if (own == null || inherited == null) {
            return own == null ? inherited : own;
        }
        return own.minimum(inherited);
    }

    /** The flags are written before the end of the stream by the thread that reports that end, or do not matter to it. */
    private final class LeasedCall extends ClientStreamTracer {
        private final long begun; // no lease: grpc-java sees to it that the end is told once
        private final @Nullable Deadline deadline;
        private boolean created; // the connection took the call; false where the caller's credentials failed, say
        private boolean answered; // the endpoint itself said how the call ended

        private LeasedCall(@Nullable Deadline deadline) {
            this.begun = streams ? cluster.beginStream(candidate) : cluster.begin(candidate);
            this.deadline = deadline;
        }

        @Override
        public void streamCreated(Attributes transportAttributes, Metadata headers) {
            created = true;
        }

        @Override
        public void inboundTrailers(Metadata trailers) {
            answered = true;
        }

        @Override
        public void streamClosed(Status status) {
            cluster.end(
                    candidate,
                    begun,
                    created
                            ? failures.outcomeOf(wasLate(status) ? Status.DEADLINE_EXCEEDED : status, answered)
                            : Outcome.CANCELLED);
        }

        /** grpc-java reports an attempt that it could still have retried as cancelled when the call's deadline passes. */
        private boolean wasLate(Status status) {
            return status.getCode() == Status.Code.CANCELLED && deadline != null && deadline.isExpired();
        }
    }
}
