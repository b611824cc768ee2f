/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The policies, which are set with the same properties for all services and for one. Each value that is not set is that
 * of the level below: the general properties for a service, the policies' own defaults for the general properties.
 */
interface PolicyProperties {

    EjectionProperties ejection();

    SlowStartProperties slowStart();

    ErrorBiasProperties errorBias();

    @Nullable
    Duration avoidance();

    ZonesProperties zones();

    LimitsProperties limits();

    @Nullable
    String endpointsPerClient();

    @Nullable
    Double panicThreshold();

    /**
     * Returns what these properties say, completed by the level below.
     *
     * @param prefix what comes before the properties' names, to name the one that is wrong
     */
    default PolicySettings over(PolicySettings base, String prefix) {
        return base.withEjection(
                        InRange.of(prefix + ".ejection", () -> ejection().over(base.ejection())))
                .withSlowStart(
                        InRange.of(prefix + ".slow-start", () -> slowStart().over(base.slowStart())))
                .withErrorBias(
                        InRange.of(prefix + ".error-bias", () -> errorBias().over(base.errorBias())))
                .withZones(InRange.of(prefix + ".zones", () -> zones().over(base.zones())))
                .withLimits(InRange.of(prefix + ".limits", () -> limits().over(base.limits())))
                .withEndpointsPerClient(
                        endpointsPerClient() == null
                                ? base.endpointsPerClient()
                                : parsed(prefix + ".endpoints-per-client", endpointsPerClient()))
                .withPanicThreshold(InRange.of(
                        prefix,
                        () -> base.withPanicThreshold(requireNonNullElse(panicThreshold(), base.panicThreshold()))
                                .panicThreshold()))
                .withAvoidance(InRange.of(
                        prefix,
                        () -> base.withAvoidance(requireNonNullElse(avoidance(), base.avoidance()))
                                .avoidance()));
    }

    private static EndpointsPerClient parsed(String property, String given) {
        try {
            return EndpointsPerClient.parse(given);
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    property, given, "it is no number of endpoints.", "Give off, auto, or a number of 1 or more.");
        }
    }
}
