/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

/**
 * What one source says about one Kubernetes cluster. Any thread may call; nothing waits. What a source says after another
 * one was opened for the same cluster, or after the cluster was removed, is not heard.
 */
public interface ClusterFeed {

    /** Hands a change of the cluster's objects over; they are applied in the order of submission. */
    void submit(TopologyChange change);

    /** Says that all of the cluster was heard from, changed or not: what was lost is back. */
    void heard();

    /**
     * Says that the cluster, or a part of it, cannot be heard at present; its last state goes on being served. That is so
     * until {@link #heard} is called: changes alone do not end it, as they may be of another part.
     *
     * @param problem for people, never empty
     */
    void lost(String problem);
}
