/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.load.Outcome;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;

/**
 * Which status codes count against the endpoint that a call was sent to.
 *
 * @param codes never {@code OK} or {@code CANCELLED}
 */
record FailureCodes(Set<Code> codes) {

    /**
     * What a broken endpoint answers. {@code RESOURCE_EXHAUSTED} is not among them: the endpoint works, and refused. It is also
     * what a caller over its quota gets, from every endpoint alike.
     */
    static final FailureCodes DEFAULT = new FailureCodes(
            Set.of(Code.UNKNOWN, Code.DEADLINE_EXCEEDED, Code.INTERNAL, Code.UNAVAILABLE, Code.DATA_LOSS));

    /** As in ManagedChannelImpl.SHUTDOWN_NOW_STATUS of grpc-java. */
    private static final String OWN_SHUTDOWN = "Channel shutdownNow invoked";

    /** How deep causes are looked at: they may go in a circle. */
    private static final int MAX_CAUSES = 10;

    /** As in NettyClientHandler of grpc-java, before the code of HTTP/2. */
    private static final String RESET = "RST_STREAM closed stream";

    FailureCodes {
        codes = Set.copyOf(codes);
        if (codes.contains(Code.OK) || codes.contains(Code.CANCELLED)) {
            throw new IllegalArgumentException("codes: " + codes + " (expected: neither OK nor CANCELLED)");
        }
    }

    /**
     * Returns what a call's end says about its endpoint.
     *
     * @param answered whether the endpoint sent the status; where not, grpc-java made it up of what the connection did
     * @param pushedBack whether the endpoint said when to try again, or not to
     */
    Outcome outcomeOf(Status status, boolean answered, boolean pushedBack) {
        Code code = status.getCode();
        if (code == Code.CANCELLED) {
            return isReset(status, answered) ? Outcome.FAILURE : Outcome.CANCELLED;
        }
        if (answered && code == Code.UNAVAILABLE && pushedBack) {
            return Outcome.REFUSED;
        }
        if (!codes.contains(code)) {
            return answered && code == Code.RESOURCE_EXHAUSTED ? Outcome.REFUSED : Outcome.SUCCESS;
        }
        return code == Code.UNAVAILABLE && !answered ? Outcome.CONNECTION_FAILURE : Outcome.FAILURE;
    }

    /** The other side has ended the call, as a server does that is killed or a proxy that gives up: not the caller. */
    private static boolean isReset(Status status, boolean answered) {
        String description = status.getDescription();
        return !answered && description != null && description.startsWith(RESET);
    }

    /**
     * Returns whether it was the caller's side that ended a call, which says nothing about the endpoint: the application has ended its
     * channel, its executor takes nothing any more, or it has no memory for the answer. Where the application cancels, grpc-java says so.
     */
    static boolean isCallersOwn(Status status, boolean answered) {
        if (answered) {
            return false;
        }
        if (OWN_SHUTDOWN.equals(status.getDescription())) { // there is no other sign of it
            return true;
        }
        Throwable cause = status.getCause();
        for (int depth = 0; cause != null && depth < MAX_CAUSES; depth++) {
            if (cause instanceof RejectedExecutionException || cause instanceof OutOfMemoryError) {
                return true;
            }
            cause = cause.getCause();
        }
        return false;
    }
}
