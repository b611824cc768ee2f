/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedPod;
import java.util.Arrays;
import java.util.List;

/** What all peers have in common: they know the ready pods and count what they have in flight to each. */
abstract class ReadyPods implements SimulatedBalancer {
    /** The indexes of the ready pods. */
    int[] ready = {};
    /** Requests in flight, by index of the pod. */
    int[] inFlight = {};

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        ready = SimulatedPod.readyIndexes(pods);
        int most = pods.stream().mapToInt(SimulatedPod::index).max().orElse(-1);
        if (most >= inFlight.length) {
            inFlight = Arrays.copyOf(inFlight, most + 1);
        }
    }

    @Override
    public final int pick(long now, int request) {
        if (ready.length == 0) {
            return NO_POD;
        }
        int pod = pickReady(now);
        inFlight[pod]++;
        return pod;
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {
        inFlight[pod]--;
    }

    /** Picks among the ready pods, of which there is at least one. */
    abstract int pickReady(long now);
}
