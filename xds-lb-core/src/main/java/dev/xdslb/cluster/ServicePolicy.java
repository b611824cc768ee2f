/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.SlowStartSettings;
import dev.xdslb.policy.ZoneSettings;
import java.time.Duration;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * How a service asks to be balanced, as its source says. Whatever is null is not said, and the level below decides: what the
 * application configures comes before this, the defaults after it.
 *
 * @param strategy the name of a strategy, null where it is not said
 * @param slowStart how a new pod is brought up to its share
 * @param ejection when an endpoint that fails is left out
 * @param limits how many requests may be in flight
 * @param zones whether requests stay in the client's own zone
 */
@API(status = API.Status.STABLE)
public record ServicePolicy(
        @Nullable String strategy, SlowStart slowStart, Ejection ejection, Limits limits, Zones zones) {

    /** Says nothing. */
    public static final ServicePolicy NONE =
            new ServicePolicy(null, SlowStart.NONE, Ejection.NONE, Limits.NONE, Zones.NONE);

    public ServicePolicy {
        requireNonNull(slowStart, "slowStart");
        requireNonNull(ejection, "ejection");
        requireNonNull(limits, "limits");
        requireNonNull(zones, "zones");
    }

    /**
     * Returns what this says, completed by the level below.
     *
     * @throws dev.xdslb.endpoint.OutOfRangeException when a value that is said is out of its range
     */
    public PolicySettings over(PolicySettings base) {
        return base.withSlowStart(slowStart.over(base.slowStart()))
                .withEjection(ejection.over(base.ejection()))
                .withLimits(limits.over(base.limits()))
                .withZones(zones.over(base.zones()));
    }

    /** Returns the same with another strategy. */
    public ServicePolicy withStrategy(@Nullable String newStrategy) {
        return new ServicePolicy(newStrategy, slowStart, ejection, limits, zones);
    }

    /** Returns the same with another slow start. */
    public ServicePolicy withSlowStart(SlowStart newSlowStart) {
        return new ServicePolicy(strategy, newSlowStart, ejection, limits, zones);
    }

    /** Returns the same with another ejection. */
    public ServicePolicy withEjection(Ejection newEjection) {
        return new ServicePolicy(strategy, slowStart, newEjection, limits, zones);
    }

    /** Returns the same with other limits. */
    public ServicePolicy withLimits(Limits newLimits) {
        return new ServicePolicy(strategy, slowStart, ejection, newLimits, zones);
    }

    /** Returns the same with other rules for zones. */
    public ServicePolicy withZones(Zones newZones) {
        return new ServicePolicy(strategy, slowStart, ejection, limits, newZones);
    }

    /** The parts of {@link SlowStartSettings}; Envoy's {@code slow_start_config}. */
    public record SlowStart(
            @Nullable Duration window,
            @Nullable Double minShare,
            @Nullable Double aggression) {
        /** Says nothing. */
        public static final SlowStart NONE = new SlowStart(null, null, null);

        SlowStartSettings over(SlowStartSettings base) {
            return new SlowStartSettings(
                    requireNonNullElse(window, base.window()),
                    requireNonNullElse(minShare, base.minShare()),
                    requireNonNullElse(aggression, base.aggression()));
        }
    }

    /**
     * The parts of {@link EjectionSettings}; Envoy's {@code outlier_detection}. Where one of the two times is said, the other
     * one follows as far as it must.
     */
    public record Ejection(
            @Nullable Integer consecutiveFailures,
            @Nullable Double failureRatio,
            @Nullable Integer minRequests,
            @Nullable Duration baseTime,
            @Nullable Duration maxTime,
            @Nullable Double maxShare,
            @Nullable Double probeBudget,
            @Nullable Boolean tcpHealthCheck) {
        /** Says nothing. */
        public static final Ejection NONE = new Ejection(null, null, null, null, null, null, null, null);

        EjectionSettings over(EjectionSettings base) {
            Duration shortest = requireNonNullElse(baseTime, base.baseTime());
            Duration longest = requireNonNullElse(maxTime, base.maxTime());
            if (shortest.compareTo(longest) > 0) {
                if (baseTime == null) {
                    shortest = longest;
                } else if (maxTime == null) {
                    longest = shortest;
                }
            }
            return new EjectionSettings(
                    requireNonNullElse(consecutiveFailures, base.consecutiveFailures()),
                    requireNonNullElse(failureRatio, base.failureRatio()),
                    requireNonNullElse(minRequests, base.minRequests()),
                    shortest,
                    longest,
                    requireNonNullElse(maxShare, base.maxShare()),
                    requireNonNullElse(probeBudget, base.probeBudget()),
                    requireNonNullElse(tcpHealthCheck, base.tcpHealthCheck()));
        }
    }

    /** The parts of {@link LimitSettings}; of Envoy's {@code circuit_breakers} the {@code max_requests}. */
    public record Limits(
            @Nullable Integer maxInFlightPerEndpoint,
            @Nullable Integer maxInFlight) {
        /** Says nothing. */
        public static final Limits NONE = new Limits(null, null);

        LimitSettings over(LimitSettings base) {
            return new LimitSettings(
                    requireNonNullElse(maxInFlightPerEndpoint, base.maxInFlightPerEndpoint()),
                    requireNonNullElse(maxInFlight, base.maxInFlight()));
        }
    }

    /** The parts of {@link ZoneSettings}; of Envoy's {@code common_lb_config} the {@code zone_aware_lb_config}. */
    public record Zones(
            ZoneSettings.@Nullable Affinity affinity,
            @Nullable Integer minLocalEndpoints) {
        /** Says nothing. */
        public static final Zones NONE = new Zones(null, null);

        ZoneSettings over(ZoneSettings base) {
            return new ZoneSettings(
                    requireNonNullElse(affinity, base.affinity()),
                    requireNonNullElse(minLocalEndpoints, base.minLocalEndpoints()));
        }
    }
}
