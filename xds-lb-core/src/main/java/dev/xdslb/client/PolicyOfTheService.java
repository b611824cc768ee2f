/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Balances each service as its source asks, and by the defaults where it says nothing. */
final class PolicyOfTheService implements ClusterSettingsProvider {
    private final Map<String, LoadBalancingStrategy> strategies = new TreeMap<>(); // not changed after construction

    PolicyOfTheService(RandomGenerator random) {
        for (LoadBalancingStrategy strategy : BuiltInStrategies.all(random)) {
            strategies.put(strategy.name(), strategy);
        }
    }

    @Override
    public ClusterSettings settings(String resource, ServicePolicy policy) {
        String name = policy.strategy() == null ? P2cEwma.NAME : policy.strategy();
        LoadBalancingStrategy strategy = strategies.get(name);
        if (strategy == null) {
            throw new IllegalArgumentException(
                    "the policy of " + resource + " names strategy \"" + name + "\" (expected: one of "
                            + strategies.keySet() + "); XdsLb.Builder.clusterSettings can give it one by that name");
        }
        return ClusterSettings.of(strategy).withPolicy(policy.over(PolicySettings.DEFAULT));
    }
}
