/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.load.Outcome;
import dev.xdslb.simulation.SimulatedBalancer;
import dev.xdslb.simulation.SimulatedClient;
import dev.xdslb.simulation.SimulatedPod;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.random.RandomGenerator;

/** A connection stays with its pod for as long as the pod lives, ready or not: kube-proxy decides when it is opened only. */
final class PinnedPeer implements SimulatedBalancer {
    private final RandomGenerator random;
    private final int[] connections; // the pod of each
    private int next;

    PinnedPeer(SimulatedClient client, int connections) {
        this.random = client.random();
        this.connections = new int[connections];
        Arrays.fill(this.connections, NO_POD);
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        int[] ready = SimulatedPod.readyIndexes(pods);
        BitSet alive = new BitSet();
        pods.forEach(pod -> alive.set(pod.index()));
        for (int i = 0; i < connections.length; i++) {
            if (connections[i] == NO_POD || !alive.get(connections[i])) {
                connections[i] = ready.length == 0 ? NO_POD : ready[random.nextInt(ready.length)];
            }
        }
    }

    @Override
    public int pick(long now, int request) {
        next = (next + 1) % connections.length;
        return connections[next];
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {}
}
