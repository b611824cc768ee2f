/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

/** There is no endpoint that a request could be sent to. The message says for which resource, and why. */
public final class NoEndpointException extends RuntimeException {
    private final String resource;
    private final transient ClusterStatus status;

    NoEndpointException(String resource, ClusterStatus status, String why) {
        super("no endpoint for " + resource + ": " + why);
        this.resource = resource;
        this.status = status;
    }

    /** Returns the name that the control plane was asked for. */
    public String resource() {
        return resource;
    }

    /** Returns where the cluster's endpoints came from when the pick was made. */
    public ClusterStatus status() {
        return status;
    }
}
