/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import org.apiguardian.api.API;

/** There is no endpoint that a request could be sent to. The message says for which resource, and why. */
@API(status = API.Status.STABLE)
public sealed class NoEndpointException extends RuntimeException permits LimitExceededException {
    private final String resource;
    private final transient ClusterStatus status;
    private final String why;

    NoEndpointException(String resource, ClusterStatus status, String why) {
        this("no endpoint for " + resource + ": " + why, resource, status, why);
    }

    NoEndpointException(String message, String resource, ClusterStatus status, String why) {
        super(message);
        this.resource = resource;
        this.status = status;
        this.why = why;
    }

    /**
     * Returns the same, with a message for an application that named the service in its own words.
     *
     * @param serviceId what the application asked for
     * @param source {@link EndpointSource#description()}
     */
    public NoEndpointException forService(String serviceId, String source) {
        // that all is well with the source would contradict what follows
        String state = status.state() == ClusterStatus.State.LIVE ? "" : "state " + status.state() + ", ";
        return new NoEndpointException(
                "no endpoint for service \"" + serviceId + "\" (resource " + resource + ", " + state + source + "): "
                        + why,
                resource,
                status,
                why);
    }

    /** Returns the same for another reason, for a caller that left endpoints out by rules of its own. */
    public NoEndpointException because(String otherWhy) {
        return new NoEndpointException(resource, status, otherWhy);
    }

    /** Returns the name that the control plane was asked for. */
    public String resource() {
        return resource;
    }

    /** Returns the reason alone. */
    String why() {
        return why;
    }

    /** Returns where the cluster's endpoints came from when the pick was made. */
    public ClusterStatus status() {
        return status;
    }
}
