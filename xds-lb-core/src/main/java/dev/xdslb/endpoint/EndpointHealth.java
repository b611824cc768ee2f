/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

/** What the control plane says about an endpoint's readiness, in xDS terms. */
public enum EndpointHealth {
    /** Ready for requests. */
    HEALTHY(true),
    /** Ready, but to be used only where nothing healthy is left. */
    DEGRADED(true),
    /** Still serves what it has begun; gets no new request. */
    DRAINING(false),
    /** Not ready. Known only so that the capacity of the whole pool is known; gets no request. */
    UNHEALTHY(false);

    private final boolean receivesRequests;

    EndpointHealth(boolean receivesRequests) {
        this.receivesRequests = receivesRequests;
    }

    /** Whether a new request may be sent to an endpoint of this health. */
    public boolean receivesRequests() {
        return receivesRequests;
    }
}
