/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Duration;
import java.util.List;

/**
 * How one Kubernetes cluster is at the moment, for people and meters.
 *
 * @param served whether its endpoints are served
 * @param age since all of it was last heard from; while its source says that something is lost, since that was said
 * @param problem what its source says is wrong; empty when nothing is
 * @param objects how many objects its source has said
 * @param unlisted of which objects nothing is known yet, and why, for people
 * @param held how many endpoints are served as ready though Kubernetes takes them for not ready ({@link MassNotReady})
 */
public record ClusterView(
        KubernetesClusterName name,
        boolean required,
        State state,
        boolean served,
        Duration age,
        String problem,
        int objects,
        List<String> unlisted,
        int held) {

    public ClusterView {
        unlisted = List.copyOf(unlisted);
    }

    /** What can be said of a cluster. */
    public enum State {
        /** Not everything that exists there has been said yet. */
        SYNCING,
        /** The same, and the others do not wait for it any more. */
        TIMED_OUT,
        /** Everything that exists there is known. */
        SYNCED,
        /** It is not heard from at present: its last state is served. */
        STALE,
        /** It has not been heard from for so long that its endpoints are not served any more. */
        DROPPED,
        /** It was taken out of the configuration: its last state is served for a short time. */
        REMOVED
    }
}
