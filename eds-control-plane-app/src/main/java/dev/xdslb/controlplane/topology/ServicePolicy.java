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
 */
public record ServicePolicy(
        String strategy,
        @Nullable Duration slowStart,
        @Nullable Integer maxInFlightPerEndpoint) {

    public static final ServicePolicy NONE = new ServicePolicy("", null, null);

    public ServicePolicy {
        requireNonNull(strategy, "strategy");
    }
}
