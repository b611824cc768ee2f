/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.EndpointsPerClient;
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
 * @param failureStatuses which HTTP statuses count against an endpoint
 * @param retryBudget how many retries may be sent
 */
@API(status = API.Status.STABLE)
public record ClusterSettings(
        LoadBalancingStrategy strategy,
        PolicySettings policy,
        Duration initialFetchTimeout,
        FallbackEndpoints fallback,
        @Nullable SubsetSettings subset,
        TimedUntil responseTime,
        FailureStatuses failureStatuses,
        RetryBudgetSettings retryBudget) {

    /** How long the first request waits when nothing else is configured. */
    public static final Duration DEFAULT_INITIAL_FETCH_TIMEOUT = Duration.ofSeconds(5);

    public ClusterSettings {
        requireNonNull(strategy, "strategy");
        requireNonNull(policy, "policy");
        requireNonNull(fallback, "fallback");
        requireNonNull(responseTime, "responseTime");
        requireNonNull(failureStatuses, "failureStatuses");
        requireNonNull(retryBudget, "retryBudget");
        if (initialFetchTimeout.isZero() || initialFetchTimeout.isNegative()) {
            throw new IllegalArgumentException("initialFetchTimeout: " + initialFetchTimeout + " (expected: > 0)");
        }
        if (policy.endpointsPerClient().mode() != EndpointsPerClient.Mode.ALL && strategy.needsAllEndpoints()) {
            throw new IllegalArgumentException("endpointsPerClient: " + policy.endpointsPerClient()
                    + " (expected: off with the strategy " + strategy.name()
                    + ", because the endpoint of a key may be none of this client's)");
        }
    }

    /** Makes settings under which a request may go to any endpoint. */
    public ClusterSettings(
            LoadBalancingStrategy strategy,
            PolicySettings policy,
            Duration initialFetchTimeout,
            FallbackEndpoints fallback) {
        this(strategy, policy, initialFetchTimeout, fallback, null);
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

    /** Makes settings under which the HTTP statuses that count against an endpoint are those by default. */
    public ClusterSettings(
            LoadBalancingStrategy strategy,
            PolicySettings policy,
            Duration initialFetchTimeout,
            FallbackEndpoints fallback,
            @Nullable SubsetSettings subset,
            TimedUntil responseTime) {
        this(strategy, policy, initialFetchTimeout, fallback, subset, responseTime, FailureStatuses.DEFAULT);
    }

    /** Makes settings with the retry budget that there is by default. */
    public ClusterSettings(
            LoadBalancingStrategy strategy,
            PolicySettings policy,
            Duration initialFetchTimeout,
            FallbackEndpoints fallback,
            @Nullable SubsetSettings subset,
            TimedUntil responseTime,
            FailureStatuses failureStatuses) {
        this(
                strategy,
                policy,
                initialFetchTimeout,
                fallback,
                subset,
                responseTime,
                failureStatuses,
                RetryBudgetSettings.DEFAULT);
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

    /** Returns the same settings with another strategy. */
    ClusterSettings withStrategy(LoadBalancingStrategy newStrategy) {
        return new ClusterSettings(
                newStrategy, policy, initialFetchTimeout, fallback, subset, responseTime, failureStatuses, retryBudget);
    }

    /** Returns the same settings with other policies. */
    public ClusterSettings withPolicy(PolicySettings newPolicy) {
        return new ClusterSettings(
                strategy, newPolicy, initialFetchTimeout, fallback, subset, responseTime, failureStatuses, retryBudget);
    }

    /** Returns the same settings with requests routed by a label. */
    public ClusterSettings withSubset(SubsetSettings newSubset) {
        return new ClusterSettings(
                strategy,
                policy,
                initialFetchTimeout,
                fallback,
                requireNonNull(newSubset, "newSubset"),
                responseTime,
                failureStatuses,
                retryBudget);
    }

    /** Returns the same settings with the response time measured until another moment. */
    public ClusterSettings withResponseTime(TimedUntil newResponseTime) {
        return new ClusterSettings(
                strategy, policy, initialFetchTimeout, fallback, subset, newResponseTime, failureStatuses, retryBudget);
    }

    /** Returns the same settings with other HTTP statuses that count against an endpoint. */
    public ClusterSettings withFailureStatuses(FailureStatuses newFailureStatuses) {
        return new ClusterSettings(
                strategy, policy, initialFetchTimeout, fallback, subset, responseTime, newFailureStatuses, retryBudget);
    }

    /** Returns the same settings with another retry budget. */
    @API(status = API.Status.EXPERIMENTAL)
    public ClusterSettings withRetryBudget(RetryBudgetSettings newRetryBudget) {
        return new ClusterSettings(
                strategy, policy, initialFetchTimeout, fallback, subset, responseTime, failureStatuses, newRetryBudget);
    }

    /** Returns the name of the strategy, or that of its class where it, which may be anybody's code, tells none. */
    @API(status = API.Status.INTERNAL)
    public String strategyName() {
        return FailedStrategy.nameOf(strategy);
    }
}
