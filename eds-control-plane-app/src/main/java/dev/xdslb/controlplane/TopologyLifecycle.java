/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/** Begins to read before the servers start, and goes on until they have stopped: while they drain, they serve changes. */
final class TopologyLifecycle implements SmartLifecycle {

    private final Topology topology;
    private final TopologySource source;
    private final @Nullable ClusterDirectory clusters; // null when none is configured
    private volatile boolean running;

    TopologyLifecycle(Topology topology, TopologySource source, @Nullable ClusterDirectory clusters) {
        this.topology = topology;
        this.source = source;
        this.clusters = clusters;
    }

    @Override
    public void start() {
        source.start();
        if (clusters != null) {
            clusters.start();
        }
        topology.start(); // last, so that it knows what to wait for
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        if (clusters != null) {
            clusters.close();
        }
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
