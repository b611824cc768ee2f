/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.web;

import dev.xdslb.controlplane.topology.ClusterView;
import dev.xdslb.controlplane.topology.Topology;
import java.util.List;
import java.util.Locale;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RestController;

/** The Kubernetes clusters that the endpoints come from, and how each one is. */
@RestController
final class ClustersController {

    private final Topology topology;

    ClustersController(Topology topology) {
        this.topology = topology;
    }

    /** The answer of {@code /debug/clusters}. */
    record Clusters(boolean synced, List<Cluster> clusters) {}

    record Cluster(
            String name,
            boolean required,
            String state,
            boolean served,
            double secondsSinceHeard,
            int objects,
            List<String> unlisted,
            int held,
            String problem) {}

    @GetMapping("/debug/clusters")
    Clusters clusters() {
        return new Clusters(
                topology.isSynced(),
                topology.clusters().stream().map(ClustersController::cluster).toList());
    }

    private static Cluster cluster(ClusterView view) {
        return new Cluster(
                view.name().value(),
                view.required(),
                view.state().name().toLowerCase(Locale.ROOT).replace('_', '-'),
                view.served(),
                view.age().toMillis() / 1e3,
                view.objects(),
                view.unlisted(),
                view.held(),
                view.problem());
    }
}
