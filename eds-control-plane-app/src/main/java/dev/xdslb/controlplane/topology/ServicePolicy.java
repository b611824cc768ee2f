/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How clients are to balance over a service, as far as the Service itself says so.
 *
 * @param strategy a name that our own client knows; empty for nothing said
 * @param slowStart how long a new pod's share of the requests grows; null for nothing said
 * @param maxInFlightPerEndpoint how many requests of one client one endpoint may have at a time; null for nothing said
 * @param distribution which endpoints are preferred; null for nothing said
 * @param nodeLocal whether a client gets the endpoints of its own Node alone ({@code internalTrafficPolicy: Local})
 */
public record ServicePolicy(
        String strategy,
        @Nullable Duration slowStart,
        @Nullable Integer maxInFlightPerEndpoint,
        @Nullable TrafficDistribution distribution,
        boolean nodeLocal) {

    public static final ServicePolicy NONE = new ServicePolicy("", null, null);

    /** Which endpoints a Service prefers ({@code spec.trafficDistribution}). */
    public enum TrafficDistribution {
        /** Those in the client's zone. */
        SAME_ZONE,
        /** Those on the client's Node, and else those in its zone. */
        SAME_NODE
    }

    public ServicePolicy {
        requireNonNull(strategy, "strategy");
    }

    /** Returns a policy that says nothing of where endpoints are. */
    public ServicePolicy(String strategy, @Nullable Duration slowStart, @Nullable Integer maxInFlightPerEndpoint) {
        this(strategy, slowStart, maxInFlightPerEndpoint, null, false);
    }

    /** Returns whether clients on different Nodes get different endpoints, or in another order. */
    public boolean dependsOnNode() {
        return nodeLocal || distribution == TrafficDistribution.SAME_NODE;
    }

    /** Returns this, completed by another one where this says nothing. A service is local to Nodes where either says so. */
    ServicePolicy or(ServicePolicy other) {
        return new ServicePolicy(
                strategy.isEmpty() ? other.strategy : strategy,
                slowStart == null ? other.slowStart : slowStart,
                maxInFlightPerEndpoint == null ? other.maxInFlightPerEndpoint : maxInFlightPerEndpoint,
                distribution == null ? other.distribution : distribution,
                nodeLocal || other.nodeLocal);
    }

    /** Returns the same with another word on where endpoints are. */
    public ServicePolicy with(@Nullable TrafficDistribution newDistribution, boolean newNodeLocal) {
        return new ServicePolicy(strategy, slowStart, maxInFlightPerEndpoint, newDistribution, newNodeLocal);
    }
}
