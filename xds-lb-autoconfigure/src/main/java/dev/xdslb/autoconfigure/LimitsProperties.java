/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.LimitSettings;
import org.jspecify.annotations.Nullable;

/**
 * How many requests may be in flight; what would exceed it fails at once.
 *
 * @param maxInFlight Most requests that this application has in flight to a service. 0 for no limit.
 * @param maxInFlightPerEndpoint Most requests that this application has in flight to one endpoint, up to 1000000. 0 for no
 *     limit.
 */
public record LimitsProperties(
        @Nullable Integer maxInFlightPerEndpoint, @Nullable Integer maxInFlight) {

    LimitSettings over(LimitSettings base) {
        return new LimitSettings(
                requireNonNullElse(maxInFlightPerEndpoint, base.maxInFlightPerEndpoint()),
                requireNonNullElse(maxInFlight, base.maxInFlight()));
    }
}
