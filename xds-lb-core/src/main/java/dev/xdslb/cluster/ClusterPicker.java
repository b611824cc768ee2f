/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What every pick of a cluster reads: one state of it, with the picker that the strategy made for that state. Immutable
 * and replaced whole; a caller takes {@link Cluster#picker()} anew for each request.
 */
public final class ClusterPicker {
    private final Cluster cluster;
    private final ClusterStatus status;
    private final Pool pool;
    private final @Nullable Picker picker; // null where the pool is empty

    ClusterPicker(Cluster cluster, ClusterStatus status, Pool pool) {
        this.cluster = cluster;
        this.status = status;
        this.pool = pool;
        this.picker = pool.size() == 0 ? null : cluster.settings().strategy().picker(pool);
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return status;
    }

    /** Returns who may be picked. */
    public Pool pool() {
        return pool;
    }

    /**
     * Picks an endpoint. Counts nothing: pass the candidate to {@link Cluster#lease} when a request is sent.
     *
     * @throws NoEndpointException when there is none
     */
    public Candidate pick(RequestAttributes request) {
        Candidate probe = pool.takeProbe();
        if (probe != null) {
            return probe;
        }
        if (picker == null) {
            throw new NoEndpointException(cluster.resource(), status, whyEmpty());
        }
        return picker.pick(request);
    }

    /**
     * Returns a picker of the same state for a caller that can use only some of the endpoints. Costs time in proportion to
     * the number of endpoints: keep it for as long as the cluster publishes no other picker and the condition stays.
     */
    public ClusterPicker restrictedTo(Predicate<Endpoint> usable) {
        return new ClusterPicker(cluster, status, cluster.poolOf(usable));
    }

    private String whyEmpty() {
        if (!status.reason().isEmpty()) {
            return status.reason();
        }
        if (pool.known() == 0) {
            return "the service has no endpoints (scaled to zero?)";
        }
        if (pool.ejected() > 0) {
            return "of " + pool.known() + " endpoints none can be used, " + pool.ejected() + " of them failed and "
                    + "are left out for a while";
        }
        return "of " + pool.known() + " endpoints none is ready";
    }
}
