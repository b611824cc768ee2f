/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * Finagle's {@code P2C} with {@code PeakEwma}: the response time jumps up to each slower observation and falls with a time
 * constant of ten seconds, reading it counts as an observation of zero, and a pod without history gets one request first.
 */
final class PeakEwmaPeer extends ReadyPods {
    private static final double DECAY_NANOS = 10e9;
    /** What a pod costs that has requests in flight and no history. */
    private static final double PENALTY = Long.MAX_VALUE >> 16;

    private final SimulatedClient client;
    private final RandomGenerator random;
    private final ZoneRouting routing;
    private Groups groups = new Groups(new int[][] {{}}, new double[] {1});
    private double[] cost = {};
    private long[] stamp = {};

    PeakEwmaPeer(SimulatedClient client, ZoneRouting routing) {
        this.client = client;
        this.random = client.random();
        this.routing = routing;
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        super.podsChanged(now, pods);
        cost = Arrays.copyOf(cost, inFlight.length);
        stamp = Arrays.copyOf(stamp, inFlight.length);
        groups = routing.groups(client, pods);
    }

    @Override
    int pickReady(long now) {
        int[] pods = groups.draw(random);
        int first = random.nextInt(pods.length);
        if (pods.length == 1) {
            return pods[0];
        }
        int second = random.nextInt(pods.length - 1);
        second += second >= first ? 1 : 0;
        return load(now, pods[second]) < load(now, pods[first]) ? pods[second] : pods[first];
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {
        super.ended(now, request, pod, outcome, latencyNanos);
        observe(now, pod, (double) latencyNanos);
    }

    private double load(long now, int pod) {
        observe(now, pod, 0);
        return cost[pod] == 0 && inFlight[pod] != 0 ? PENALTY + inFlight[pod] : cost[pod] * (inFlight[pod] + 1);
    }

    private void observe(long now, int pod, double nanos) {
        if (nanos > cost[pod]) {
            cost[pod] = nanos;
        } else if (now > stamp[pod]) {
            double kept = Math.exp((stamp[pod] - now) / DECAY_NANOS);
            cost[pod] = nanos * (1 - kept) + cost[pod] * kept;
        }
        stamp[pod] = now;
    }
}
