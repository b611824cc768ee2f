/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import java.util.function.Predicate;

/**
 * The endpoints of one zone, those first that this client prefers. It uses the first ones: as many as it is to have that are well, with
 * all before the last of them. So one that is not ready, or was ejected, keeps its place and is back in it when it is well, and
 * the next in rank stand in for it. Immutable.
 */
final class RankedZone {
    /** Where many fail at once, that is not to be answered by connections to all others: there is at most one more for each. */
    static final int MOST_READY = 2;

    private final List<Endpoint> ranked;

    /** Takes the endpoints in the order of their rank. */
    RankedZone(List<Endpoint> ranked) {
        this.ranked = List.copyOf(ranked);
    }

    List<Endpoint> ranked() {
        return ranked;
    }

    /**
     * Returns how many of the first ones are used.
     *
     * @param quota how many well ones there are to be
     * @param well whether one that is ready can be used
     * @param standIns how many ready ones there were beyond the quota of late
     * @param now nanoseconds of the clock
     */
    int used(int quota, Predicate<Endpoint> well, StandIns standIns, long now) {
        int ready = 0;
        int good = 0;
        int used = 0;
        while (used < ranked.size() && good < quota && ready < MOST_READY * quota) {
            Endpoint endpoint = ranked.get(used++);
            if (endpoint.health().receivesRequests()) {
                ready++;
                good += well.test(endpoint) ? 1 : 0;
            }
        }
        int kept = quota + standIns.kept(Math.max(0, ready - quota), now);
        while (used < ranked.size() && ready < kept) {
            ready += ranked.get(used++).health().receivesRequests() ? 1 : 0;
        }
        return used;
    }

    /**
     * Returns for how many endpoints each of the first ones stands, by weight.
     *
     * @param ready whether of those that receive requests, or of those that do not: how many are ready shows in both
     */
    double standsFor(int used, boolean ready) {
        double all = weight(ranked, ready);
        double chosen = weight(ranked.subList(0, used), ready);
        return chosen > 0 ? all / chosen : 1;
    }

    private static double weight(List<Endpoint> endpoints, boolean ready) {
        double weight = 0;
        for (Endpoint endpoint : endpoints) {
            weight += endpoint.health().receivesRequests() == ready ? endpoint.weight() : 0;
        }
        return weight;
    }
}
