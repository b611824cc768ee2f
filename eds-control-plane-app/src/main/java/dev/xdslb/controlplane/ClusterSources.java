/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologySource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;

/**
 * The sources of all Kubernetes clusters: the own one, and further ones that may come and go. Started and closed by one
 * thread; sources are added and removed by that of the folder of clusters; everybody reads.
 */
final class ClusterSources implements TopologySource {

    private final Topology topology;
    private final ClusterMeters meters;
    private final KubernetesClusterName own;
    private final TopologySource ownSource;
    private final Map<KubernetesClusterName, TopologySource> further = new ConcurrentSkipListMap<>();

    ClusterSources(Topology topology, ClusterMeters meters, KubernetesClusterName own, TopologySource ownSource) {
        this.topology = topology;
        this.meters = meters;
        this.own = own;
        this.ownSource = ownSource;
        meters.add(own);
    }

    boolean has(KubernetesClusterName name) {
        return name.equals(own) || further.containsKey(name);
    }

    /** Adds a source that is not started, or puts it in the place of the one that there is for this cluster. */
    void put(KubernetesClusterName name, TopologySource source) {
        TopologySource before = further.put(name, source);
        if (before != null) {
            before.close();
        }
        meters.add(name);
    }

    /** Takes a cluster out. */
    void remove(KubernetesClusterName name) {
        TopologySource source = further.remove(name);
        if (source != null) {
            source.close();
            topology.remove(name);
        }
    }

    @Override
    public void start() {
        ownSource.start();
        further.values().forEach(TopologySource::start);
    }

    /** The own cluster's, and what is wrong with any other. */
    @Override
    public Status status() {
        Status status = ownSource.status();
        if (further.isEmpty()) {
            return status;
        }
        List<String> problems = new ArrayList<>();
        addProblem(null, status, problems);
        further.forEach((name, source) -> addProblem(name, source.status(), problems));
        return new Status(
                status.source() + ", and clusters " + String.join(", ", names()), String.join("; ", problems));
    }

    @Override
    public List<String> ended() {
        List<String> ended = new ArrayList<>(ownSource.ended());
        further.forEach((name, source) -> source.ended().forEach(what -> ended.add(name + ": " + what)));
        return ended;
    }

    @Override
    public void close() {
        ownSource.close();
        further.values().forEach(TopologySource::close);
    }

    private List<String> names() {
        return further.keySet().stream().map(KubernetesClusterName::value).toList();
    }

    private static void addProblem(@Nullable KubernetesClusterName name, Status status, List<String> problems) {
        if (!status.problem().isEmpty()) {
            problems.add(name == null ? status.problem() : name + ": " + status.problem());
        }
    }
}
