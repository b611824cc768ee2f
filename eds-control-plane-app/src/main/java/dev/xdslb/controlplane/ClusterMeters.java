/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.ClusterView;
import dev.xdslb.controlplane.topology.ClusterView.State;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;

/**
 * State and age of each Kubernetes cluster. A cluster has its meters from the first time that it is configured; after it is
 * gone they say nothing (NaN). Clusters are added by any thread, registries by the one that starts the application.
 */
final class ClusterMeters implements MeterBinder {

    private final Topology topology;
    private final Set<KubernetesClusterName> clusters = ConcurrentHashMap.newKeySet();
    private final List<MeterRegistry> registries = new CopyOnWriteArrayList<>();

    ClusterMeters(Topology topology) {
        this.topology = topology;
    }

    @Override
    public synchronized void bindTo(MeterRegistry registry) {
        registries.add(registry);
        clusters.forEach(cluster -> register(cluster, registry));
    }

    synchronized void add(KubernetesClusterName cluster) {
        if (clusters.add(cluster)) {
            registries.forEach(registry -> register(cluster, registry));
        }
    }

    private void register(KubernetesClusterName cluster, MeterRegistry registry) {
        for (State state : State.values()) {
            Gauge.builder("xdslb.cluster.state", topology, value(cluster, view -> view.state() == state ? 1 : 0))
                    .description("1 for the state that the Kubernetes cluster is in")
                    .tag("cluster", cluster.value())
                    .tag("state", state.name().toLowerCase(Locale.ROOT).replace('_', '-'))
                    .register(registry);
        }
        Gauge.builder("xdslb.cluster.held", topology, value(cluster, ClusterView::held))
                .description(
                        "Endpoints that are served as ready though Kubernetes takes them for not ready: it hears nothing of"
                                + " many Nodes at once")
                .tag("cluster", cluster.value())
                .register(registry);
        Gauge.builder(
                        "xdslb.cluster.unlisted",
                        topology,
                        value(cluster, view -> view.unlisted().size()))
                .description(
                        "Kinds of objects, and Secrets, that could not be read yet: Gateways that depend on them are held")
                .tag("cluster", cluster.value())
                .register(registry);
        TimeGauge.builder(
                        "xdslb.cluster.age",
                        topology,
                        TimeUnit.SECONDS,
                        value(cluster, view -> view.age().toMillis() / 1e3))
                .description("Time since the Kubernetes cluster was last heard from")
                .tag("cluster", cluster.value())
                .register(registry);
    }

    private static ToDoubleFunction<Topology> value(
            KubernetesClusterName cluster, ToDoubleFunction<ClusterView> value) {
        return topology -> topology.clusters().stream()
                .filter(view -> view.name().equals(cluster))
                .mapToDouble(value)
                .findFirst()
                .orElse(Double.NaN);
    }
}
