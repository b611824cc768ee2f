/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.test.DeclaredEndpoints;
import dev.xdslb.test.TestCluster;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * At which moment a response time has passed: responses whose headers take as long as the pod does, and whose body takes as
 * long as its caller likes to read. Who measures to the end measures the callers.
 */
@Tag("figures")
class ResponseTimeModesTest {
    private static final int PODS = 10;
    private static final int REQUESTS = 40_000;
    private static final double REQUESTS_PER_SECOND = 100;
    private static final double HEADERS_MILLIS = 20;
    private static final double BODY_MILLIS = 100;

    @Test
    void podThatIsThreeTimesSlower_isTold_howeverItsCallersRead() {
        double headers = shareOfFirst(TimedUntil.HEADERS, 3, 1);
        double end = shareOfFirst(TimedUntil.END, 3, 1);
        System.out.printf("3x slower: headers %.2f, end %.2f of its fair share%n", headers, end);

        assertThat(headers).isLessThan(0.5);
        assertThat(end).isGreaterThan(0.7);
    }

    @Test
    void equalPods_shareMoreEvenly() {
        double headers = shareOfFirst(TimedUntil.HEADERS, 1, 1);
        double end = shareOfFirst(TimedUntil.END, 1, 1);
        System.out.printf("equal: headers %.2f, end %.2f%n", headers, end);

        assertThat(headers).isBetween(0.9, 1.1);
    }

    @Test
    void podWhoseBodiesAreSlow_isSeenByItsRequestsInFlightOnly_unlessTheEndCounts() {
        double headers = shareOfFirst(TimedUntil.HEADERS, 1, 5);
        double end = shareOfFirst(TimedUntil.END, 1, 5);
        System.out.printf("bodies 5x slower: headers %.2f, end %.2f%n", headers, end);

        assertThat(headers).isLessThan(0.8); // it has more in flight than the others
        assertThat(end).isLessThan(headers);
    }

    private static double shareOfFirst(TimedUntil until, double slowerHeaders, double slowerBody) {
        SplittableRandom random = new SplittableRandom(7);
        long[] now = {0};
        DeclaredEndpoints source = new DeclaredEndpoints(Runnable::run);
        source.declare("timed.default:80", TestCluster.healthyEndpoints(PODS));
        ClusterSettings settings =
                ClusterSettings.of(new P2cEwma(random.split())).withResponseTime(until);
        PriorityQueue<Event> events = new PriorityQueue<>();
        int[] sent = new int[PODS];
        try (ClusterRegistry registry = ClusterRegistry.driven(source, r -> settings, () -> now[0], random.split())) {
            Cluster cluster = registry.cluster("timed.default:80");
            events.add(new Event(ClusterRegistry.TICK.toNanos(), null));
            double arrival = 0;
            for (int i = 0; i < REQUESTS; i++) {
                arrival += random.nextExponential() / REQUESTS_PER_SECOND * 1e9;
                runUntil((long) arrival, events, now, registry);
                Candidate candidate = cluster.picker().pick(RequestAttributes.NONE);
                int pod = TestCluster.healthyEndpoints(PODS).indexOf(candidate.endpoint());
                sent[pod]++;
                Lease lease = cluster.lease(candidate);
                long head = nanos(random, HEADERS_MILLIS, 0.3, pod == 0 ? slowerHeaders : 1);
                long body = nanos(random, BODY_MILLIS, 1, pod == 0 ? slowerBody : 1);
                events.add(new Event(now[0] + head, lease::firstMessage));
                events.add(new Event(now[0] + head + body, () -> lease.end(Outcome.SUCCESS)));
            }
        }
        return sent[0] * (double) PODS / REQUESTS;
    }

    private static void runUntil(long time, PriorityQueue<Event> events, long[] now, ClusterRegistry registry) {
        while (!events.isEmpty() && events.peek().at <= time) {
            Event event = events.remove();
            now[0] = event.at;
            if (event.action == null) {
                registry.tick();
                events.add(new Event(event.at + ClusterRegistry.TICK.toNanos(), null));
            } else {
                event.action.run();
            }
        }
        now[0] = time;
    }

    private static long nanos(SplittableRandom random, double millis, double sigma, double factor) {
        return (long) (Duration.ofMillis(1).toNanos() * millis * factor * Math.exp(sigma * random.nextGaussian()));
    }

    /** Something that happens; the tick where there is no action. */
    private record Event(
            long at, @org.jspecify.annotations.Nullable Runnable action) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            return Long.compare(at, other.at);
        }
    }
}
