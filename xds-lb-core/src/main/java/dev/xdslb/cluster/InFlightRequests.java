/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.InFlightTotal;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that a cluster has in flight: each at its endpoint, and all together where the strategy or a limit
 * needs that. Called for every request, from any thread; the counters say themselves who writes and reads them.
 */
final class InFlightRequests {
    private final String resource;
    private final LongSupplier nanoClock;
    private final Duration maxLeaseAge;
    private volatile int maximum; // 0 for no limit; written by settings()
    private volatile boolean
            timesAll; // whether picks depend on the response time of every request; written by settings()
    private volatile @Nullable InFlightTotal total; // null where nothing needs it; written by settings()

    InFlightRequests(String resource, LongSupplier nanoClock, Duration maxLeaseAge) {
        this.resource = resource;
        this.nanoClock = nanoClock;
        this.maxLeaseAge = maxLeaseAge;
    }

    /**
     * Counts what these settings need from now on. A total that is kept already goes on; a new one counts the requests to
     * candidates of plans that know it, so it begins with too few where requests are in flight. Called by one thread at a time.
     *
     * @param usesResponseTimes of the strategy
     * @param usesPoolLoad of the strategy
     */
    void settings(boolean usesResponseTimes, boolean usesPoolLoad, int newMaximum) {
        timesAll = usesResponseTimes;
        if (!usesPoolLoad && newMaximum == 0) {
            total = null;
        } else if (total == null) {
            total = new InFlightTotal(nanoClock, maxLeaseAge);
        }
        maximum = newMaximum;
    }

    /** Returns how many there are together, null where nothing needs it. */
    @Nullable
    InFlightTotal total() {
        return total;
    }

    long begin(Candidate candidate) {
        long begun = candidate.endpointLoad().begin(timesAll);
        countStart(candidate, begun);
        return begun;
    }

    long beginStream(Candidate candidate) {
        long begun = candidate.endpointLoad().beginStream();
        countStart(candidate, begun);
        return begun;
    }

    /** Returns whether it is now known to be a success. */
    boolean advance(Candidate candidate, long before, long after) {
        InFlightTotal counted = candidate.total();
        if (counted != null) {
            counted.moved(before, after);
        }
        return candidate.endpointLoad().advance(before, after);
    }

    /** Returns what it counts as. */
    Outcome end(Candidate candidate, long last, Outcome outcome) {
        InFlightTotal counted = candidate.total();
        if (counted != null) {
            counted.ended(last);
        }
        return candidate.endpointLoad().end(last, outcome);
    }

    /**
     * Makes sure that one more request may be in flight.
     *
     * @param status of the cluster, for the exception
     * @throws LimitExceededException when the cluster is at its limit
     */
    void checkLimit(ClusterStatus status) {
        int limit = maximum;
        InFlightTotal counted = total;
        if (limit > 0 && counted != null) {
            long present = counted.get();
            if (present >= limit) {
                throw LimitExceededException.ofCluster(resource, status, present, limit);
            }
        }
    }

    /** Lets a tenth of a second pass. */
    void tick() {
        InFlightTotal counted = total;
        if (counted != null) {
            counted.tick();
        }
    }

    private static void countStart(Candidate candidate, long begun) {
        InFlightTotal counted = candidate.total();
        if (counted != null) {
            counted.started(begun);
        }
    }
}
