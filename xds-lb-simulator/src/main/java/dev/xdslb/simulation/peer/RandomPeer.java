/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.peer;

import dev.xdslb.simulation.SimulatedClient;
import java.util.random.RandomGenerator;

final class RandomPeer extends ReadyPods {
    private final RandomGenerator random;

    RandomPeer(SimulatedClient client) {
        random = client.random();
    }

    @Override
    int pickReady(long now) {
        return ready[random.nextInt(ready.length)];
    }
}
