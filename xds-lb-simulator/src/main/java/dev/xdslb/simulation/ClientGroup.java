/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

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
 * @param loop how the workers of a closed loop go on
 * @param coldStart what the first requests of each client take longer
 * @param requests makes what a balancer may know about a request, called for each; what is left to chance is to be drawn from the
 *     generator that it is given
 */
public record ClientGroup(
        int count,
        String zone,
        double requestsPerSecond,
        int workersPerClient,
        List<RateChange> rateChanges,
        Loop loop,
        ColdStart coldStart,
        Function<RandomGenerator, RequestAttributes> requests) {

    public ClientGroup {
        requireNonNull(zone, "zone");
        requireNonNull(loop, "loop");
        requireNonNull(coldStart, "coldStart");
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
        return new ClientGroup(
                count,
                "",
                requestsPerSecond,
                0,
                List.of(),
                Loop.UNPACED,
                ColdStart.NONE,
                random -> RequestAttributes.NONE);
    }

    /** Returns clients of which each has this many requests in flight at any time. */
    public static ClientGroup closedLoop(int count, int workersPerClient) {
        return new ClientGroup(
                count,
                "",
                0,
                workersPerClient,
                List.of(),
                Loop.UNPACED,
                ColdStart.NONE,
                random -> RequestAttributes.NONE);
    }

    public ClientGroup inZone(String newZone) {
        return new ClientGroup(
                count, newZone, requestsPerSecond, workersPerClient, rateChanges, loop, coldStart, requests);
    }

    /**
     * Returns clients whose requests have attributes, for strategies that decide by them.
     *
     * @param newRequests makes those of a request; what is left to chance is to be drawn from the generator that it is given
     */
    public ClientGroup sending(Function<RandomGenerator, RequestAttributes> newRequests) {
        return new ClientGroup(
                count, zone, requestsPerSecond, workersPerClient, rateChanges, loop, coldStart, newRequests);
    }

    /** Returns clients that from this time on send {@code factor} times their first rate. */
    public ClientGroup withRateFrom(Duration at, double factor) {
        List<RateChange> more = new ArrayList<>(rateChanges);
        more.add(new RateChange(at, factor));
        return new ClientGroup(count, zone, requestsPerSecond, workersPerClient, more, loop, coldStart, requests);
    }

    /** Returns clients whose workers go on like this, in a closed loop. */
    public ClientGroup looping(Loop newLoop) {
        return new ClientGroup(
                count, zone, requestsPerSecond, workersPerClient, rateChanges, newLoop, coldStart, requests);
    }

    /** Returns clients that have just been started. */
    public ClientGroup startingCold(ColdStart newColdStart) {
        return new ClientGroup(
                count, zone, requestsPerSecond, workersPerClient, rateChanges, loop, newColdStart, requests);
    }

    /**
     * From this time on the rate is another.
     *
     * @param factor of the first rate, at least 0
     */
    public record RateChange(Duration at, double factor) {}

    /**
     * How the workers of a closed loop go on.
     *
     * @param pace the least time from one request of a worker to its next; zero to send it when the last has ended
     * @param pauseFrom from when on nothing is sent
     * @param pauseUntil when sending goes on; at or before {@code pauseFrom} for no pause
     * @param more how many workers join each client later, 0 or more
     * @param moreFrom when they join
     */
    public record Loop(Duration pace, Duration pauseFrom, Duration pauseUntil, int more, Duration moreFrom) {
        /** The next request follows the end of the last. */
        public static final Loop UNPACED = pacedBy(Duration.ZERO);

        public Loop {
            if (pace.isNegative() || more < 0) {
                throw new IllegalArgumentException("pace: " + pace + ", more: " + more + " (expected: both 0 or more)");
            }
        }

        /** Returns a loop in which each worker sends once in this time, or later where the last request took longer. */
        public static Loop pacedBy(Duration pace) {
            return new Loop(pace, Duration.ZERO, Duration.ZERO, 0, Duration.ZERO);
        }

        /** Returns a loop that sends nothing for a while. */
        public Loop pausing(Duration from, Duration until) {
            return new Loop(pace, from, until, more, moreFrom);
        }

        /** Returns a loop that more workers join later. */
        public Loop joinedBy(int workers, Duration from) {
            return new Loop(pace, pauseFrom, pauseUntil, workers, from);
        }

        /** Returns when a worker sends whose last request was sent then, in nanoseconds. */
        long nextSend(long now, long lastSent) {
            long next = Math.max(now, lastSent + pace.toNanos());
            return next >= pauseFrom.toNanos() && next < pauseUntil.toNanos() ? pauseUntil.toNanos() : next;
        }
    }

    /**
     * What the first requests of a client take longer: classes are loaded, connections are made.
     *
     * @param first the client's first request
     * @param firstToPod its first request to each pod
     */
    public record ColdStart(Duration first, Duration firstToPod) {
        /** The first requests are like all others. */
        public static final ColdStart NONE = new ColdStart(Duration.ZERO, Duration.ZERO);
    }
}
