/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import org.apiguardian.api.API;

/**
 * What this process measures about one endpoint, as far as a strategy may look at it. Read without a lock while requests change
 * it: two readings belong to two moments.
 */
@API(status = API.Status.STABLE)
public sealed interface MeasuredLoad permits EndpointLoad {

    /** Returns the number of requests and streams that were started and have not ended, 0 or more. */
    int inFlight();

    /**
     * Returns the time that a request takes, in nanoseconds: the response time, or the mean age of the requests in flight where
     * they hang; 0 where nothing was observed.
     */
    double costNanos();

    /** Returns the same, but 0 where the endpoint is in doubt (new, or to be verified) and nothing is in flight to it. */
    double expectedNanos();

    /** Returns how many of the last requests failed since one succeeded. Cancelled and refused ones do not count. */
    int consecutiveFailures();

    /** Returns how many requests ended in the last ten seconds, and how many of them failed, up to the last tick. */
    RecentOutcomes recentOutcomes();

    /** Returns how many requests were answered with a success since the endpoint is known. */
    long succeeded();

    /** Returns how many requests failed since the endpoint is known. */
    long failed();

    /** Returns how many requests the endpoint refused since it is known. */
    long refused();
}
