/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.EjectionSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * When an endpoint that fails is left out.
 *
 * @param consecutiveFailures Failures in a row after which an endpoint is left out, 1 or more.
 * @param failureRatio Share of an endpoint's requests within ten seconds that may fail where the others' succeed, above 0 to 1. 1 switches the rule off.
 * @param minRequests Requests within ten seconds below which the failure ratio says nothing, 1 or more.
 * @param baseTime How long an endpoint is left out the first time, above 0. Doubled each further time.
 * @param maxTime Longest time that an endpoint is left out, at least the base time.
 * @param maxShare Share of a service's endpoints that may be left out at once, from 0 (never) to 1 (all but one).
 * @param probeBudget Share of a service's requests that may be probes of endpoints that are left out, above 0 to 1.
 * @param tcpHealthCheck Whether an endpoint that refused or reset a connection is connected to beside the requests, and left out while that fails.
 */
public record EjectionProperties(
        @Nullable Integer consecutiveFailures,
        @Nullable Double failureRatio,
        @Nullable Integer minRequests,
        @Nullable Duration baseTime,
        @Nullable Duration maxTime,
        @Nullable Double maxShare,
        @Nullable Double probeBudget,
        @Nullable Boolean tcpHealthCheck) {

    EjectionSettings over(EjectionSettings base) {
        return new EjectionSettings(
                requireNonNullElse(consecutiveFailures, base.consecutiveFailures()),
                requireNonNullElse(failureRatio, base.failureRatio()),
                requireNonNullElse(minRequests, base.minRequests()),
                requireNonNullElse(baseTime, base.baseTime()),
                requireNonNullElse(maxTime, base.maxTime()),
                requireNonNullElse(maxShare, base.maxShare()),
                requireNonNullElse(probeBudget, base.probeBudget()),
                requireNonNullElse(tcpHealthCheck, base.tcpHealthCheck()));
    }
}
