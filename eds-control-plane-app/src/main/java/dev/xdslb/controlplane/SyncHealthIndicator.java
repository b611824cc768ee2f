/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Part of readiness: up as soon as everything that exists has been seen once. A source that fails later does not make it
 * down, because the last state is still the best that anybody has.
 */
final class SyncHealthIndicator implements HealthIndicator {

    private final Topology topology;
    private final TopologySource source;

    SyncHealthIndicator(Topology topology, TopologySource source) {
        this.topology = topology;
        this.source = source;
    }

    @Override
    public Health health() {
        TopologySource.Status status = source.status();
        Health.Builder health = topology.isSynced() ? Health.up() : Health.outOfService();
        health.withDetail("source", status.source());
        if (!status.problem().isEmpty()) {
            health.withDetail("problem", status.problem());
        }
        return health.build();
    }
}
