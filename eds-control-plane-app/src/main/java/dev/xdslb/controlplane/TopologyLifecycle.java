/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import org.springframework.context.SmartLifecycle;

/** Begins to read before the servers start, and goes on until they have stopped: while they drain, they serve changes. */
final class TopologyLifecycle implements SmartLifecycle {

    private final Topology topology;
    private final TopologySource source;
    private volatile boolean running;

    TopologyLifecycle(Topology topology, TopologySource source) {
        this.topology = topology;
        this.source = source;
    }

    @Override
    public void start() {
        topology.start();
        source.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        source.close();
        topology.close();
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return Integer.MIN_VALUE;
    }
}
