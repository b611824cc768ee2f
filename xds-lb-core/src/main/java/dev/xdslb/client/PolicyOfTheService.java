/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import static java.util.Objects.requireNonNull;
import static java.util.Objects.requireNonNullElse;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Balances each service as its source asks, and by the defaults where it says nothing. */
final class PolicyOfTheService implements ClusterSettingsProvider {
    private static final Logger log = LoggerFactory.getLogger(PolicyOfTheService.class);

    /** Of settings that sources ask for; those beyond it begin anew. */
    private static final int MOST_HASHING = 1_000;

    private final Map<String, LoadBalancingStrategy> strategies = new TreeMap<>(); // not changed after construction
    private final Map<HashSettings, List<LoadBalancingStrategy>> hashing = new HashMap<>(); // guarded by itself
    private final RandomGenerator random;

    PolicyOfTheService(RandomGenerator random) {
        this.random = random;
        for (LoadBalancingStrategy strategy : BuiltInStrategies.all(random)) {
            strategies.put(strategy.name(), strategy);
        }
    }

    @Override
    public ClusterSettings settings(String resource, ServicePolicy policy) {
        LoadBalancingStrategy strategy = strategy(resource, policy);
        PolicySettings policies = policy.over(PolicySettings.DEFAULT);
        if (strategy.needsAllEndpoints()) {
            policies = policies.withEndpointsPerClient(EndpointsPerClient.ALL);
        }
        RequestKey subset = key(resource, policy.subset().from());
        ClusterSettings settings = ClusterSettings.of(strategy)
                .withPolicy(policies)
                .withFailureStatuses(requireNonNullElse(policy.failureStatuses(), FailureStatuses.DEFAULT))
                .withRetryBudget(policy.retryBudget().over(RetryBudgetSettings.DEFAULT));
        return subset == null ? settings : settings.withSubset(policy.subset().settings(subset));
    }

    private LoadBalancingStrategy strategy(String resource, ServicePolicy policy) {
        String name = policy.strategy() == null ? P2cEwma.NAME : policy.strategy();
        RequestKey key = key(resource, policy.hash().key());
        LoadBalancingStrategy strategy = strategies.get(name);
        if (strategy == null && key != null) {
            for (LoadBalancingStrategy hashes : hashing(policy.hash().over(HashSettings.of(key), key))) {
                strategy = hashes.name().equals(name) ? hashes : strategy;
            }
        }
        if (strategy != null) {
            return strategy;
        }
        log.warn(
                "the policy of {} names strategy \"{}\" (expected: one of {}, or ring-hash or maglev with a key);"
                        + " XdsLb.Builder.clusterSettings can give it one by that name. {} is used",
                resource,
                name,
                strategies.keySet(),
                P2cEwma.NAME);
        return requireNonNull(strategies.get(P2cEwma.NAME));
    }

    private List<LoadBalancingStrategy> hashing(HashSettings settings) {
        synchronized (hashing) {
            if (hashing.size() >= MOST_HASHING && !hashing.containsKey(settings)) {
                hashing.clear();
            }
            return hashing.computeIfAbsent(settings, made -> List.copyOf(BuiltInStrategies.hashing(made, random)));
        }
    }

    /** Returns what a text stands for; null where there is none, or nothing that is known without an application's beans. */
    private static @Nullable RequestKey key(String resource, @Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            return RequestKey.parse(text);
        } catch (IllegalArgumentException e) {
            log.warn("{}: its policy asks for what cannot be read of requests: {}", resource, e.getMessage());
            return null;
        }
    }
}
