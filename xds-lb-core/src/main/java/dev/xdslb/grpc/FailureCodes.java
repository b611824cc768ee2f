/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.load.Outcome;
import io.grpc.Status;
import io.grpc.Status.Code;
import java.util.Set;

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
            return Outcome.CANCELLED;
        }
        if (answered && code == Code.UNAVAILABLE && pushedBack) {
            return Outcome.REFUSED;
        }
        if (!codes.contains(code)) {
            return answered && code == Code.RESOURCE_EXHAUSTED ? Outcome.REFUSED : Outcome.SUCCESS;
        }
        return code == Code.UNAVAILABLE && !answered ? Outcome.CONNECTION_FAILURE : Outcome.FAILURE;
    }
}
