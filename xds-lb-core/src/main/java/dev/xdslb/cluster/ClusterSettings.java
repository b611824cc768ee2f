/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.time.Duration;
import java.util.Objects;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * How one cluster is balanced.
 *
 * @param strategy picks among the eligible endpoints
 * @param policy who is eligible, and with which weight
 * @param initialFetchTimeout how long the first request may wait for the control plane's first answer, above zero
 * @param fallback where endpoints come from while the control plane has never answered
 * @param subset which endpoints a request may go to, by a label; null where it may go to any
 * @param responseTime at which moment the response time of a request has passed
 */
@API(status = API.Status.STABLE)
public record ClusterSettings(
        LoadBalancingStrategy strategy,
        PolicySettings policy,
        Duration initialFetchTimeout,
        FallbackEndpoints fallback,
        @Nullable SubsetSettings subset,
        TimedUntil responseTime) {

    /** How long the first request waits when nothing else is configured. */
    public static final Duration DEFAULT_INITIAL_FETCH_TIMEOUT = Duration.ofSeconds(5);

    public ClusterSettings {
        requireNonNull(strategy, "strategy");
        requireNonNull(policy, "policy");
        requireNonNull(fallback, "fallback");
        requireNonNull(responseTime, "responseTime");
        if (initialFetchTimeout.isZero() || initialFetchTimeout.isNegative()) {
            throw new IllegalArgumentException("initialFetchTimeout: " + initialFetchTimeout + " (expected: > 0)");
        }
    }

    /** Makes settings under which a request may go to any endpoint. */
    public ClusterSettings(
            LoadBalancingStrategy strategy,
            PolicySettings policy,
            Duration initialFetchTimeout,
            FallbackEndpoints fallback) {
        this(strategy, policy, initialFetchTimeout, fallback, null, TimedUntil.DEFAULT);
    }

    /** Makes settings under which the response time is measured as it is by default. */
    public ClusterSettings(
            LoadBalancingStrategy strategy,
            PolicySettings policy,
            Duration initialFetchTimeout,
            FallbackEndpoints fallback,
            @Nullable SubsetSettings subset) {
        this(strategy, policy, initialFetchTimeout, fallback, subset, TimedUntil.DEFAULT);
    }

    /** Returns whether a picker made under these settings picks as one made under the others. */
    boolean picksLike(ClusterSettings other) {
        return strategy.equals(other.strategy) && policy.equals(other.policy) && Objects.equals(subset, other.subset);
    }

    /** Returns the defaults with this strategy and no fallback. */
    public static ClusterSettings of(LoadBalancingStrategy strategy) {
        return new ClusterSettings(
                strategy, PolicySettings.DEFAULT, DEFAULT_INITIAL_FETCH_TIMEOUT, FallbackEndpoints.NONE);
    }

    /** Returns the same settings with other policies. */
    public ClusterSettings withPolicy(PolicySettings newPolicy) {
        return new ClusterSettings(strategy, newPolicy, initialFetchTimeout, fallback, subset, responseTime);
    }

    /** Returns the same settings with requests routed by a label. */
    public ClusterSettings withSubset(SubsetSettings newSubset) {
        return new ClusterSettings(
                strategy, policy, initialFetchTimeout, fallback, requireNonNull(newSubset, "newSubset"), responseTime);
    }

    /** Returns the same settings with the response time measured until another moment. */
    public ClusterSettings withResponseTime(TimedUntil newResponseTime) {
        return new ClusterSettings(strategy, policy, initialFetchTimeout, fallback, subset, newResponseTime);
    }
}
