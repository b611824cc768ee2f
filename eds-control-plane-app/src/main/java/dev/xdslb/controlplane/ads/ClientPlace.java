/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

/**
 * Where a client runs; empty where it is unknown.
 *
 * @param kubernetesCluster the Kubernetes cluster of the Node: Nodes of two clusters may have the same name
 * @param node the Kubernetes Node, which the client's pod says
 */
public record ClientPlace(String region, String zone, String kubernetesCluster, String node) {

    public static final ClientPlace UNKNOWN = new ClientPlace("", "", "", "");

    public ClientPlace {
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
        requireNonNull(kubernetesCluster, "kubernetesCluster");
        requireNonNull(node, "node");
    }

    /** Returns a place on a Node that nobody knows. */
    public ClientPlace(String region, String zone) {
        this(region, zone, "", "");
    }

    /** Returns this place, completed by another one where this one says nothing. A zone is never one of another region. */
    ClientPlace or(ClientPlace other) {
        boolean contradicts = !zone.isEmpty() && !other.zone.isEmpty() && !zone.equals(other.zone);
        return new ClientPlace(
                region.isEmpty() && !contradicts ? other.region : region,
                zone.isEmpty() ? other.zone : zone,
                node.isEmpty() ? other.kubernetesCluster : kubernetesCluster,
                node.isEmpty() ? other.node : node);
    }
}
