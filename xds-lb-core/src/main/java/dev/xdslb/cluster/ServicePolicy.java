/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.ErrorBiasSettings;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.SlowStartSettings;
import dev.xdslb.policy.ZoneSettings;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.RequestKey;
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
 * @param hash how requests are mapped to endpoints by a key
 * @param subset which of the endpoints a request may go to
 * @param retryBudget how many retries may be sent
 * @param errorBias how much less a failing endpoint gets
 * @param avoidance for how long an endpoint that refused or reset a connection is passed over; null where it is not said
 * @param failureStatuses which HTTP statuses count against an endpoint; null where it is not said
 * @param endpointsPerClient how many of the endpoints one client uses; null where it is not said
 * @param panicThreshold below which share of the ready endpoints ejection is ignored; null where it is not said
 */
@API(status = API.Status.STABLE)
public record ServicePolicy(
        @Nullable String strategy,
        SlowStart slowStart,
        Ejection ejection,
        Limits limits,
        Zones zones,
        Hash hash,
        Subset subset,
        RetryBudget retryBudget,
        ErrorBias errorBias,
        @Nullable Duration avoidance,
        @Nullable FailureStatuses failureStatuses,
        @Nullable EndpointsPerClient endpointsPerClient,
        @Nullable Double panicThreshold) {

    /** Says nothing. */
    public static final ServicePolicy NONE =
            new ServicePolicy(null, SlowStart.NONE, Ejection.NONE, Limits.NONE, Zones.NONE);

    public ServicePolicy {
        requireNonNull(slowStart, "slowStart");
        requireNonNull(ejection, "ejection");
        requireNonNull(limits, "limits");
        requireNonNull(zones, "zones");
        requireNonNull(hash, "hash");
        requireNonNull(subset, "subset");
        requireNonNull(retryBudget, "retryBudget");
        requireNonNull(errorBias, "errorBias");
    }

    /** Makes a policy that says nothing else. */
    public ServicePolicy(
            @Nullable String strategy, SlowStart slowStart, Ejection ejection, Limits limits, Zones zones) {
        this(
                strategy,
                slowStart,
                ejection,
                limits,
                zones,
                Hash.NONE,
                Subset.NONE,
                RetryBudget.NONE,
                ErrorBias.NONE,
                null,
                null,
                null,
                null);
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
                .withZones(zones.over(base.zones()))
                .withErrorBias(errorBias.over(base.errorBias()))
                .withAvoidance(requireNonNullElse(avoidance, base.avoidance()))
                .withEndpointsPerClient(requireNonNullElse(endpointsPerClient, base.endpointsPerClient()))
                .withPanicThreshold(requireNonNullElse(panicThreshold, base.panicThreshold()));
    }

    /** Returns the same with another strategy. */
    public ServicePolicy withStrategy(@Nullable String newStrategy) {
        return new ServicePolicy(
                newStrategy,
                slowStart,
                ejection,
                limits,
                zones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                endpointsPerClient,
                panicThreshold);
    }

    /** Returns the same with another slow start. */
    public ServicePolicy withSlowStart(SlowStart newSlowStart) {
        return new ServicePolicy(
                strategy,
                newSlowStart,
                ejection,
                limits,
                zones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                endpointsPerClient,
                panicThreshold);
    }

    /** Returns the same with another ejection. */
    public ServicePolicy withEjection(Ejection newEjection) {
        return new ServicePolicy(
                strategy,
                slowStart,
                newEjection,
                limits,
                zones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                endpointsPerClient,
                panicThreshold);
    }

    /** Returns the same with other limits. */
    public ServicePolicy withLimits(Limits newLimits) {
        return new ServicePolicy(
                strategy,
                slowStart,
                ejection,
                newLimits,
                zones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                endpointsPerClient,
                panicThreshold);
    }

    /** Returns the same with other rules for zones. */
    public ServicePolicy withZones(Zones newZones) {
        return new ServicePolicy(
                strategy,
                slowStart,
                ejection,
                limits,
                newZones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                endpointsPerClient,
                panicThreshold);
    }

    /** Returns the same with another number of endpoints that one client uses. */
    @API(status = API.Status.EXPERIMENTAL)
    public ServicePolicy withEndpointsPerClient(@Nullable EndpointsPerClient newEndpointsPerClient) {
        return new ServicePolicy(
                strategy,
                slowStart,
                ejection,
                limits,
                zones,
                hash,
                subset,
                retryBudget,
                errorBias,
                avoidance,
                failureStatuses,
                newEndpointsPerClient,
                panicThreshold);
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

    /**
     * The parts of {@link HashSettings}.
     *
     * @param key as {@link RequestKey#parse} reads it, or {@code bean:} with the name of one that the application declares
     */
    @API(status = API.Status.EXPERIMENTAL)
    public record Hash(
            @Nullable String key,
            @Nullable Double balanceFactor,
            @Nullable Integer ringSize,
            @Nullable Integer tableSize) {
        /** Says nothing. */
        public static final Hash NONE = new Hash(null, null, null, null);

        /**
         * Returns what this says, completed by the level below.
         *
         * @param foundKey what the key's text stands for, or the one of the level below
         */
        public HashSettings over(HashSettings base, RequestKey foundKey) {
            return new HashSettings(
                    foundKey,
                    requireNonNullElse(balanceFactor, base.balanceFactor()),
                    requireNonNullElse(ringSize, base.ringSize()),
                    requireNonNullElse(tableSize, base.tableSize()));
        }
    }

    /**
     * The parts of {@link SubsetSettings}. Without {@code from} nothing else counts.
     *
     * @param from as {@link RequestKey#parse} reads it, or {@code bean:} with the name of one that the application declares
     */
    @API(status = API.Status.EXPERIMENTAL)
    public record Subset(
            @Nullable String label,
            @Nullable String from,
            SubsetSettings.@Nullable IfNoneMatches ifNoneMatches,
            @Nullable String useValue) {
        /** Says nothing. */
        public static final Subset NONE = new Subset(null, null, null, null);

        /**
         * Returns the settings.
         *
         * @param key what the text of {@code from} stands for
         */
        public SubsetSettings settings(RequestKey key) {
            return new SubsetSettings(
                    requireNonNullElse(label, SubsetSettings.SHARD),
                    key,
                    requireNonNullElse(
                            ifNoneMatches,
                            useValue == null ? SubsetSettings.IfNoneMatches.FAIL : SubsetSettings.IfNoneMatches.USE),
                    requireNonNullElse(useValue, ""));
        }
    }

    /** The parts of {@link RetryBudgetSettings}; of Envoy's {@code retry_budget} the {@code budget_percent}. */
    @API(status = API.Status.EXPERIMENTAL)
    public record RetryBudget(
            @Nullable Boolean enabled,
            @Nullable Double share,
            @Nullable Integer minPerSecond,
            @Nullable Duration window) {
        /** Says nothing. */
        public static final RetryBudget NONE = new RetryBudget(null, null, null, null);

        /** Returns what this says, completed by the level below. */
        public RetryBudgetSettings over(RetryBudgetSettings base) {
            return new RetryBudgetSettings(
                    requireNonNullElse(enabled, base.enabled()),
                    requireNonNullElse(share, base.share()),
                    requireNonNullElse(minPerSecond, base.minPerSecond()),
                    requireNonNullElse(window, base.window()));
        }
    }

    /** The parts of {@link ErrorBiasSettings}. */
    @API(status = API.Status.EXPERIMENTAL)
    public record ErrorBias(
            @Nullable Double exponent, @Nullable Double minShare) {
        /** Says nothing. */
        public static final ErrorBias NONE = new ErrorBias(null, null);

        ErrorBiasSettings over(ErrorBiasSettings base) {
            return new ErrorBiasSettings(
                    requireNonNullElse(exponent, base.exponent()), requireNonNullElse(minShare, base.minShare()));
        }
    }
}
