/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.Candidate;
import java.time.Duration;

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
        return candidate.endpointLoad();
    }

    @Override
    protected TimedUntil timedUntil() {
        return cluster.settings().responseTime();
    }

    @Override
    protected void countChange(long before, long after) {
        cluster.advance(candidate, before, after);
    }

    @Override
    protected void countOut(long last, Outcome outcome) {
        cluster.end(candidate, last, outcome);
    }

    @Override
    protected void countSilent(long last) {
        cluster.endSilent(candidate, last);
    }

    @Override
    protected void countDiscarded(long last) {
        cluster.endDiscarded(candidate, last);
    }

    @Override
    protected void countRefused(long last, Duration retryAfter) {
        cluster.endRefused(candidate, last, retryAfter);
    }
}
