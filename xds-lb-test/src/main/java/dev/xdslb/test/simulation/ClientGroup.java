/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.simulation;

import static java.util.Objects.requireNonNull;

import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.random.RandomGenerator;

/**
 * Clients that are alike, each with a balancer of its own. Immutable.
 *
 * @param count the number of clients, at least 1
 * @param zone where they run, empty when unknown
 * @param requestsPerSecond of the whole group, arriving at random and independently (Poisson); 0 for a closed loop
 * @param workersPerClient requests that each client keeps in flight, the next one following the end of the last; 0 for an
 *     open loop
 * @param rateChanges when the open loop's rate changes
 * @param requests makes what a balancer may know about a request, called for each; what is left to chance is to be drawn from the
 *     generator that it is given
 */
public record ClientGroup(
        int count,
        String zone,
        double requestsPerSecond,
        int workersPerClient,
        List<RateChange> rateChanges,
        Function<RandomGenerator, RequestAttributes> requests) {

    public ClientGroup {
        requireNonNull(zone, "zone");
        requireNonNull(requests, "requests");
        rateChanges = List.copyOf(rateChanges);
        if (count < 1) {
            throw new IllegalArgumentException("count: " + count + " (expected: >= 1)");
        }
        if ((requestsPerSecond > 0) == (workersPerClient > 0)) {
            throw new IllegalArgumentException("requestsPerSecond: " + requestsPerSecond + ", workersPerClient: "
                    + workersPerClient + " (expected: one of them above 0)");
        }
    }

    /** Returns clients that send together this many requests per second, whatever becomes of them. */
    public static ClientGroup openLoop(int count, double requestsPerSecond) {
        return new ClientGroup(count, "", requestsPerSecond, 0, List.of(), random -> RequestAttributes.NONE);
    }

    /** Returns clients of which each has this many requests in flight at any time. */
    public static ClientGroup closedLoop(int count, int workersPerClient) {
        return new ClientGroup(count, "", 0, workersPerClient, List.of(), random -> RequestAttributes.NONE);
    }

    public ClientGroup inZone(String newZone) {
        return new ClientGroup(count, newZone, requestsPerSecond, workersPerClient, rateChanges, requests);
    }

    /**
     * Returns clients whose requests have attributes, for strategies that decide by them.
     *
     * @param newRequests makes those of a request; what is left to chance is to be drawn from the generator that it is given
     */
    public ClientGroup sending(Function<RandomGenerator, RequestAttributes> newRequests) {
        return new ClientGroup(count, zone, requestsPerSecond, workersPerClient, rateChanges, newRequests);
    }

    /** Returns clients that from this time on send {@code factor} times their first rate. */
    public ClientGroup withRateFrom(Duration at, double factor) {
        List<RateChange> more = new ArrayList<>(rateChanges);
        more.add(new RateChange(at, factor));
        return new ClientGroup(count, zone, requestsPerSecond, workersPerClient, more, requests);
    }

    /**
     * From this time on the rate is another.
     *
     * @param factor of the first rate, at least 0
     */
    public record RateChange(Duration at, double factor) {}
}
