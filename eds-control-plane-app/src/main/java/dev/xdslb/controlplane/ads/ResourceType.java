/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.Optional;

/** The kinds of resources that are served, in the order in which a change is sent: a cluster before its endpoints. */
public enum ResourceType {
    CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster", true),
    ENDPOINTS("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment", false),
    /** Where a client runs: a type of our own. */
    PLACE("type.googleapis.com/dev.xdslb.v1.ClientPlace", false);

    private final String typeUrl;
    private final boolean fullState;

    ResourceType(String typeUrl, boolean fullState) {
        this.typeUrl = typeUrl;
        this.fullState = fullState;
    }

    public String typeUrl() {
        return typeUrl;
    }

    /**
     * Whether a state-of-the-world response of this type is complete, so that a client deletes what it does not name.
     * The same types take an empty first request for "everything". Source: xDS protocol, "Grouping resources into
     * responses" and "How the client specifies what resources to return".
     */
    boolean isFullState() {
        return fullState;
    }

    /** Returns the type with this URL, empty when it is not one that is served. */
    public static Optional<ResourceType> ofTypeUrl(String typeUrl) {
        for (ResourceType type : values()) {
            if (type.typeUrl.equals(typeUrl)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }
}
