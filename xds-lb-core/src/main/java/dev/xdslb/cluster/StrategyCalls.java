/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.LoadBalancingStrategy;

/** One cluster's calls of its strategy, which may be anybody's code and fail in any way. Thread-safe. */
final class StrategyCalls {
    private final String resource;
    private final ForeignStrategies strategies;
    private final FaultBoundary faults;

    StrategyCalls(String resource, ClusterContext context) {
        this.resource = resource;
        this.strategies = context.strategies();
        this.faults = context.faults()
                .boundary(
                        resource + ": its strategy", "the last picker stays in use as far as its endpoints are there");
    }

    /** Makes the route of a plan. Where the strategy fails, it is one whose picks say so. */
    Route route(Plan plan, ClusterSettings settings) {
        int maxInFlight = settings.policy().limits().maxInFlightPerEndpoint();
        LoadBalancingStrategy strategy = settings.strategy();
        try {
            Route route = new Route(plan, strategy, strategies.pickers(strategy, plan.groups()), maxInFlight);
            faults.worked();
            return route;
        } catch (Throwable e) {
            faults.failed(e);
            FailedStrategy failed = new FailedStrategy(resource, strategy, e);
            return new Route(plan, failed, failed.pickers(plan.groups()), maxInFlight);
        }
    }

    /** Counts that the strategy failed in a pick, and returns what the request is to be told. */
    StrategyException pickFailed(LoadBalancingStrategy strategy, Throwable failure) {
        faults.failed(failure);
        return new StrategyException(resource, FailedStrategy.nameOf(strategy), failure);
    }

    void forgetFaults() {
        faults.forget();
    }
}
