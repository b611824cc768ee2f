/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.kubernetes.GatewayApi;
import dev.xdslb.controlplane.kubernetes.InformerSource;
import dev.xdslb.controlplane.kubernetes.Kubeconfig;
import dev.xdslb.controlplane.kubernetes.ObjectPruning;
import dev.xdslb.controlplane.manifests.ManifestSource;
import dev.xdslb.controlplane.topology.ClusterFeed;
import dev.xdslb.controlplane.topology.TopologySource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Makes sources, none of them started. */
final class SourceFactory {

    private final List<String> namespaces;
    private final ObjectPruning pruning;
    private final boolean events;
    private final String own; // the name of the own cluster
    private final @Nullable GatewayApi gatewayApi; // null where it is off
    private final Faults faults;

    SourceFactory(ControlPlaneProperties properties, @Nullable GatewayApi gatewayApi, Faults faults) {
        this.gatewayApi = gatewayApi;
        this.namespaces = properties.namespaces();
        this.pruning = new ObjectPruning(properties.labels());
        this.events = properties.events();
        this.own = properties.kubernetesCluster();
        this.faults = faults;
    }

    /** Returns the source of the own cluster, which leaves the client open when it is closed. */
    TopologySource ofClient(KubernetesClient client, ClusterFeed feed) {
        return new InformerSource(client, false, events, namespaces, pruning, gatewayApi, feed, faults);
    }

    /** Returns the source of an own cluster that is a folder. */
    TopologySource ofOwnManifests(Path directory, ClusterFeed feed) {
        return new ManifestSource(directory, pruning, gatewayApi != null, feed, faults);
    }

    TopologySource ofKubeconfig(Kubeconfig kubeconfig, ClusterFeed feed) {
        InformerSource source =
                new InformerSource(kubeconfig.client(), true, events, namespaces, pruning, feed, faults);
        return gatewayApi == null ? source : source.sayingForeignGateways(own);
    }

    TopologySource ofManifests(Path directory, ClusterFeed feed) {
        return new ManifestSource(directory, pruning, feed, faults);
    }
}
