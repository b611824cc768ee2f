/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.load.InFlightTotal;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Counts the requests that a cluster has in flight: each at its endpoint, and all together where the strategy or a limit
 * needs that. Called for every request, from any thread; the counters say themselves who writes and reads them.
 */
final class InFlightRequests {
    private final String resource;
    private final int maximum; // 0 for no limit
    private final boolean timesAll; // whether picks depend on the response time of every request
    private final @Nullable InFlightTotal total; // null where nothing needs it

    InFlightRequests(String resource, ClusterSettings settings, LongSupplier nanoClock) {
        this.resource = resource;
        this.maximum = settings.policy().limits().maxInFlight();
        this.timesAll = settings.strategy().usesResponseTimes();
        this.total = settings.strategy().usesPoolLoad() || maximum > 0 ? new InFlightTotal(nanoClock) : null;
    }

    /** Returns how many there are together, null where nothing needs it. */
    @Nullable
    InFlightTotal total() {
        return total;
    }

    long begin(Candidate candidate) {
        long begun = candidate.load().begin(timesAll);
        countStart(begun);
        return begun;
    }

    long beginStream(Candidate candidate) {
        long begun = candidate.load().beginStream();
        countStart(begun);
        return begun;
    }

    /** Returns whether it is now known to be a success. */
    boolean advance(Candidate candidate, long before, long after) {
        if (total != null) {
            total.moved(before, after);
        }
        return candidate.load().advance(before, after);
    }

    /** Returns what it counts as. */
    Outcome end(Candidate candidate, long last, Outcome outcome) {
        if (total != null) {
            total.ended(last);
        }
        return candidate.load().end(last, outcome);
    }

    /**
     * Makes sure that one more request may be in flight.
     *
     * @param status of the cluster, for the exception
     * @throws LimitExceededException when the cluster is at its limit
     */
    void checkLimit(ClusterStatus status) {
        if (maximum > 0 && total != null) {
            long present = total.get();
            if (present >= maximum) {
                throw LimitExceededException.ofCluster(resource, status, present, maximum);
            }
        }
    }

    /** Lets a tenth of a second pass. */
    void tick() {
        if (total != null) {
            total.tick();
        }
    }

    private void countStart(long begun) {
        if (total != null) {
            total.started(begun);
        }
    }
}
