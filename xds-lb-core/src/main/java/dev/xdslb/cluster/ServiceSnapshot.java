/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.EndpointSnapshot;

/**
 * All that a source says about a service at one moment. Immutable.
 *
 * @param endpoints every endpoint
 * @param policy how the service asks to be balanced
 */
public record ServiceSnapshot(EndpointSnapshot endpoints, ServicePolicy policy) {

    public ServiceSnapshot {
        requireNonNull(endpoints, "endpoints");
        requireNonNull(policy, "policy");
    }

    /** Returns a snapshot of a source that says nothing about policies. */
    public static ServiceSnapshot of(EndpointSnapshot endpoints) {
        return new ServiceSnapshot(endpoints, ServicePolicy.NONE);
    }
}
