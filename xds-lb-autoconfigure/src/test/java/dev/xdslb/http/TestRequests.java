/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import java.util.List;

/** Makes requests of which nothing was sent, for tests of other packages. */
public final class TestRequests {
    private TestRequests() {}

    /** Makes a request, whose end is added to a list. */
    public static CountedRequest into(List<Outcome> ended) {
        EndpointLoad load = new EndpointLoad(new EndpointKey("uid", "10.0.0.1", 80), () -> 0);
        return new CountedRequest(
                Lease.start(load, (endpoint, outcome) -> ended.add(outcome)), FailureStatuses.DEFAULT);
    }
}
