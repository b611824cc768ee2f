/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

/** How a request ended, as far as balancing is concerned. What counts as a failure is decided by the caller. */
public enum Outcome {
    /** Answered, and not with an error of the endpoint's. */
    SUCCESS,
    /** Answered with an error that is the endpoint's, or not answered in time. */
    FAILURE,
    /** The connection was refused, reset or could not be made. */
    CONNECTION_FAILURE,
    /** Given up by the caller: says nothing about the endpoint. */
    CANCELLED;

    /** Whether it counts against the endpoint. */
    public boolean isFailure() {
        return this == FAILURE || this == CONNECTION_FAILURE;
    }
}
