/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;

/**
 * Part of readiness: up as soon as everything that exists has been seen once. A source that fails later does not make it
 * down, because the last state is still the best that anybody has, unless another replica says that it has a newer one; nor does a fault that ended nothing. A thread that has
 * ended or hangs does: what this replica serves grows old, and others are better.
 */
final class SyncHealthIndicator implements HealthIndicator {

    private final Topology topology;
    private final TopologySource source;
    private final Faults faults;
    private final @Nullable StaleReplica stale; // null where there are no others

    SyncHealthIndicator(Topology topology, TopologySource source, Faults faults, @Nullable StaleReplica stale) {
        this.topology = topology;
        this.source = source;
        this.faults = faults;
        this.stale = stale;
    }

    @Override
    public Health health() {
        TopologySource.Status status = source.status();
        List<String> ended = new ArrayList<>(faults.silent());
        ended.addAll(source.ended());
        URI fresher = stale == null ? null : stale.fresher();
        boolean up = topology.isSynced() && ended.isEmpty() && fresher == null;
        Health.Builder health = up ? Health.up() : Health.outOfService();
        health.withDetail("source", status.source());
        if (!status.problem().isEmpty()) {
            health.withDetail("problem", status.problem());
        }
        if (fresher != null) {
            health.withDetail("fresher", fresher.toString());
        }
        List<String> held = topology.clusters().stream()
                .filter(cluster -> cluster.held() > 0)
                .map(cluster -> cluster.held() + " endpoints of " + cluster.name())
                .toList();
        List<String> unlisted = topology.clusters().stream()
                .flatMap(cluster -> cluster.unlisted().stream())
                .toList();
        if (!unlisted.isEmpty()) {
            health.withDetail("unlisted", unlisted); // Gateways that depend on it are held
        }
        if (!held.isEmpty()) {
            health.withDetail("held", held); // not ready by Kubernetes' word, see MassNotReady
        }
        if (!ended.isEmpty()) {
            health.withDetail("threads", ended);
        }
        List<String> failing = failing();
        if (!failing.isEmpty()) {
            health.withDetail("faults", failing);
        }
        return health.build();
    }

    private List<String> failing() {
        List<String> failing = new ArrayList<>();
        for (FaultBoundary boundary : faults.boundaries()) {
            boundary.faults()
                    .forEach(fault -> failing.add(boundary.place() + ": " + fault.subject() + " since " + fault.since()
                            + ": " + fault.what()));
        }
        return failing;
    }
}
