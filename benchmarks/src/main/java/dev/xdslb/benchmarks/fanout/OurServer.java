/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.controlplane.ads.XdsServerCustomizer;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import dev.xdslb.controlplane.topology.KubernetesClusterName;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyChange;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Ours, from the topology's queue on: what an informer would have submitted is submitted. */
final class OurServer implements ServerUnderTest, AutoCloseable {
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("default");
    private static final int POLL_MILLIS = 5;

    private final List<XdsServerCustomizer> customizers;
    private @Nullable Topology topology;
    private @Nullable XdsServer server;
    private @Nullable SyntheticData data;
    private @Nullable Changes changes;
    private int[] latest = new int[0]; // change of each service

    OurServer(List<XdsServerCustomizer> customizers) {
        this.customizers = customizers;
    }

    @Override
    public int start(Changes all, int bystanders, SyntheticData synthetic, Map<Integer, Integer> later, int port)
            throws InterruptedException {
        Topology started = new Topology(List.of(CLUSTER));
        TopologyResourceStore store = new TopologyResourceStore(started);
        started.submit(
                CLUSTER, new TopologyChange.Replace(synthetic.objects(all.services() + bystanders, later), List.of()));
        started.submit(CLUSTER, new TopologyChange.Synced());
        started.start();
        while (!started.isSynced()) {
            Thread.sleep(POLL_MILLIS);
        }
        XdsServer serving = new XdsServer(store, "127.0.0.1", port, Set.of(Family.values()), new Faults(), customizers);
        serving.start();
        latest = new int[all.services()];
        for (int service = 0; service < latest.length; service++) {
            latest[service] = later.getOrDefault(service, service);
        }
        topology = started;
        data = synthetic;
        changes = all;
        server = serving;
        return serving.port();
    }

    /** Submits what Kubernetes says when a pod is replaced: the new one, the slice, and that the old one is gone. */
    @Override
    public void apply(int change) {
        Topology applied = requireNonNull(topology);
        SyntheticData synthetic = requireNonNull(data);
        int service = requireNonNull(changes).serviceOf(change);
        applied.submit(CLUSTER, new TopologyChange.Upsert(synthetic.newPod(service, change)));
        applied.submit(CLUSTER, new TopologyChange.Upsert(synthetic.changedSlice(service, change)));
        applied.submit(CLUSTER, new TopologyChange.Remove(synthetic.oldPod(service, latest[service])));
        latest[service] = change;
    }

    @Override
    public void close() {
        if (server != null) {
            server.stop();
        }
        if (topology != null) {
            topology.close();
        }
    }
}
