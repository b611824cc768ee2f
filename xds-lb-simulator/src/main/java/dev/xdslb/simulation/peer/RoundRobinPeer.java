/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.simulation.SimulatedClient;

final class RoundRobinPeer extends ReadyPods {
    /** Clients that started together must not walk together. */
    private static final int START_BOUND = 1000;

    private int position;

    RoundRobinPeer(SimulatedClient client) {
        position = client.random().nextInt(START_BOUND);
    }

    @Override
    int pickReady(long now) {
        position = (position + 1) & Integer.MAX_VALUE;
        return ready[position % ready.length];
    }
}
