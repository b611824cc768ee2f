/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.topology.ClusterView.State;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The Kubernetes clusters that there are. Whoever opens one adds it, so that it is waited for from then on; the writer
 * thread takes out what is gone, and alone looks at what clusters hold; everybody reads how they are.
 */
final class KubernetesClusters {
    private final Map<KubernetesClusterName, KubernetesCluster> byName = new ConcurrentSkipListMap<>();
    private final AtomicLong feeds = new AtomicLong(KubernetesCluster.ANY_FEED);
    private final TopologySettings settings;
    private final LongSupplier nanoClock;

    KubernetesClusters(TopologySettings settings, LongSupplier nanoClock) {
        this.settings = settings;
        this.nanoClock = nanoClock;
    }

    /** Announces a new source for a cluster, and returns its number. Called by any thread. */
    long expect(KubernetesClusterName name, boolean required) {
        long feed = feeds.incrementAndGet();
        byName.computeIfAbsent(name, key -> added(key, required)).expect(feed);
        return feed;
    }

    void heard(KubernetesClusterName name, long feed) {
        KubernetesCluster cluster = byName.get(name);
        if (cluster != null && cluster.listensTo(feed)) {
            cluster.heard(nanoClock.getAsLong());
        }
    }

    void lost(KubernetesClusterName name, long feed, String problem) {
        KubernetesCluster cluster = byName.get(name);
        if (cluster != null && cluster.listensTo(feed)) {
            cluster.lost(problem);
        }
    }

    /** Returns how the clusters are, sorted by name. */
    List<ClusterView> views() {
        long now = nanoClock.getAsLong();
        return byName.values().stream().map(cluster -> cluster.view(now)).toList();
    }

    @Nullable
    KubernetesCluster get(KubernetesClusterName name) {
        return byName.get(name);
    }

    /** Begins to listen to the source that was announced. The cluster may have been taken out since. */
    void open(KubernetesClusterName name, long feed, boolean required) {
        byName.computeIfAbsent(name, key -> added(key, required)).open(feed, required, nanoClock.getAsLong());
    }

    /** What nobody knows is not published: no required cluster may be missing, and not all of the others. */
    boolean areKnown() {
        boolean any = false;
        for (KubernetesCluster cluster : byName.values()) {
            boolean known = cluster.hasBeenSynced();
            if (!known && (cluster.isRequired() || cluster.state() == State.SYNCING)) {
                return false;
            }
            any |= known;
        }
        return any;
    }

    SortedMap<KubernetesClusterName, ClusterObjects> served() {
        SortedMap<KubernetesClusterName, ClusterObjects> served = new TreeMap<>();
        byName.forEach((name, cluster) -> {
            ClusterObjects objects = cluster.served();
            if (objects != null) {
                served.put(name, objects);
            }
        });
        return served;
    }

    /** Returns what belongs to no service. */
    Set<SkippedObject> skipped() {
        Set<SkippedObject> skipped = new LinkedHashSet<>();
        byName.values().forEach(cluster -> {
            skipped.addAll(cluster.incoming().skipped());
            cluster.incoming()
                    .uncounted()
                    .forEach(object -> skipped.add(new SkippedObject(
                            object.object() + " of Kubernetes cluster " + cluster.name, object.reason())));
        });
        return skipped;
    }

    /** Looks what time has changed, and adds what looks different now. */
    void look(long now, FaultBoundary boundary, Touched touched) {
        for (KubernetesCluster cluster : byName.values()) {
            boundary.run(cluster.name, () -> {
                cluster.mend(boundary, touched);
                if (cluster.look(now, touched)) {
                    byName.remove(cluster.name);
                }
            });
        }
    }

    /** Looks which pods are served as ready though they are not, and adds the services of which something else is to be said. */
    void lookAtUnheard(Instant now, Touched touched) {
        served().values().forEach(objects -> objects.lookAtUnheard(now, touched));
    }

    /** Learns how many endpoints of each cluster are served as ready and are not. */
    void held(Map<KubernetesClusterName, Integer> held) {
        byName.forEach((name, cluster) -> cluster.held(held.getOrDefault(name, 0)));
    }

    private KubernetesCluster added(KubernetesClusterName name, boolean required) {
        return new KubernetesCluster(name, settings, required, nanoClock.getAsLong());
    }
}
