/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.util.function.Predicate;

/**
 * What every pick of a cluster reads: one state of it, with the picker that the strategy made for that state. Immutable
 * and replaced whole; a caller takes {@link Cluster#picker()} anew for each request.
 */
public final class ClusterPicker {
    private final Cluster cluster;
    private final ClusterStatus status;
    private final Plan plan;
    private final Picker[] pickers; // 1:1 with plan.groups()

    ClusterPicker(Cluster cluster, ClusterStatus status, Plan plan) {
        this.cluster = cluster;
        this.status = status;
        this.plan = plan;
        LoadBalancingStrategy strategy = cluster.settings().strategy();
        this.pickers = plan.groups().stream().map(strategy::picker).toArray(Picker[]::new);
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return status;
    }

    /** Returns who may be picked. */
    public Plan plan() {
        return plan;
    }

    /**
     * Picks an endpoint. Counts nothing: pass the candidate to {@link Cluster#lease} when a request is sent.
     *
     * @throws NoEndpointException when there is none
     */
    public Candidate pick(RequestAttributes request) {
        Candidate probe = plan.takeProbe();
        if (probe != null) {
            return probe;
        }
        if (pickers.length == 0) {
            throw new NoEndpointException(cluster.resource(), status, whyEmpty());
        }
        return pickers[plan.route(cluster.random())].pick(request);
    }

    /**
     * Returns a picker of the same state for a caller that can use only some of the endpoints. Costs time in proportion to
     * the number of endpoints: keep it for as long as the cluster publishes no other picker and the condition stays.
     */
    public ClusterPicker restrictedTo(Predicate<Endpoint> usable) {
        return new ClusterPicker(cluster, status, cluster.plan(usable));
    }

    private String whyEmpty() {
        if (!status.reason().isEmpty()) {
            return status.reason();
        }
        if (plan.known() == 0) {
            return "the service has no endpoints (scaled to zero?)";
        }
        if (plan.ejected() > 0) {
            return "of " + plan.known() + " endpoints none can be used, " + plan.ejected() + " of them failed and "
                    + "are left out for a while";
        }
        return "of " + plan.known() + " endpoints none is ready";
    }
}
