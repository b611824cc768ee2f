/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import org.apiguardian.api.API;

/** How a request ended, as far as balancing is concerned. What counts as a failure is decided by the caller. */
@API(status = API.Status.STABLE)
public enum Outcome {
    /** Answered, and not with an error of the endpoint's. */
    SUCCESS,
    /** Answered with an error that is the endpoint's, or not answered in time. */
    FAILURE,
    /** The connection was refused, reset or could not be made. */
    CONNECTION_FAILURE,
    /**
     * The endpoint is alive and takes no more at the moment: too many requests, a quota, pushback. Neither a success, for it did
     * nothing, nor a failure, for it said so: it gets less as long as it refuses more than the others do.
     */
    REFUSED,
    /**
     * Given up by the caller: says nothing about the endpoint. A cluster counts it as a {@link #SUCCESS} where the endpoint had
     * begun to answer, and as a {@link #FAILURE} where it was given much longer than is usual. What was not sent, or failed by
     * the caller's own doing, is no outcome at all: see {@link Lease#discard()}.
     */
    CANCELLED;

    /** Whether it counts against the endpoint. */
    public boolean isFailure() {
        return this == FAILURE || this == CONNECTION_FAILURE;
    }
}
