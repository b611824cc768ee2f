/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.util.List;

/** Stands in for a strategy that made no picker: every pick fails and says so. */
final class FailedStrategy implements LoadBalancingStrategy {
    private final String resource;
    private final String name;
    private final Throwable failure;

    FailedStrategy(String resource, LoadBalancingStrategy strategy, Throwable failure) {
        this.resource = resource;
        this.name = nameOf(strategy);
        this.failure = failure;
    }

    /** Returns the name of a strategy, which may be anybody's code, and that of its class where it tells none. */
    static String nameOf(LoadBalancingStrategy strategy) {
        try {
            return String.valueOf(strategy.name());
        } catch (Throwable e) {
            return strategy.getClass().getName();
        }
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Picker picker(Pool pool) {
        return request -> {
            throw new StrategyException(resource, name, failure);
        };
    }

    /** Returns pickers of some pools, 1:1. */
    Picker[] pickers(List<Pool> pools) {
        return pools.stream().map(this::picker).toArray(Picker[]::new);
    }
}
