/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;

/** A request to a candidate of a cluster. */
final class CandidateLease extends Lease {
    private final Cluster cluster;
    private final Candidate candidate;

    CandidateLease(Cluster cluster, Candidate candidate, long begun) {
        super(begun);
        this.cluster = cluster;
        this.candidate = candidate;
    }

    @Override
    public EndpointLoad load() {
        return candidate.load();
    }

    @Override
    protected void countOut(long start, Outcome outcome) {
        cluster.end(candidate, start, outcome);
    }
}
