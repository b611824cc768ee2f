/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.OutOfRangeException;
import org.apiguardian.api.API;

/**
 * How many requests and streams one process may have in flight; what would exceed it fails at once instead of waiting. Off by
 * default: a limit that is too low fails requests that could be served.
 *
 * <p>Between the pick and the moment when the request counts, another thread may pick as well: as many more can be in flight
 * as there are threads that do so at the same moment. Requests that nobody counts, such as those of an application that asks
 * for an instance and calls it by itself, are not limited.
 *
 * @param maxInFlightPerEndpoint to one endpoint, 0 for no limit; one that is at it is passed over. The probe of an ejected
 *     endpoint is not held back
 * @param maxInFlight to all endpoints of a cluster together, 0 for no limit
 */
@API(status = API.Status.STABLE)
public record LimitSettings(int maxInFlightPerEndpoint, int maxInFlight) {

    /** No limits. */
    public static final LimitSettings NONE = new LimitSettings(0, 0);

    /** An endpoint's requests in flight are counted up to about as many. */
    private static final int MAX = 1_000_000;

    public LimitSettings {
        if (maxInFlightPerEndpoint < 0 || maxInFlightPerEndpoint > MAX) {
            throw new OutOfRangeException("maxInFlightPerEndpoint", maxInFlightPerEndpoint, "0 (no limit) to " + MAX);
        }
        if (maxInFlight < 0) {
            throw new OutOfRangeException("maxInFlight", maxInFlight, ">= 0, where 0 is no limit");
        }
    }
}
