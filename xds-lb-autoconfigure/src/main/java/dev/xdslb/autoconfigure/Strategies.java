/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.RequestKey;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The strategies that the configuration may name: the built-in ones and the application's own beans. The same one for the same
 * settings, because a strategy that is another one begins anew. Thread-safe.
 */
final class Strategies {
    /** Stands for the key where none is configured. */
    static final RequestKey NO_KEY = request -> null;

    private final Map<String, LoadBalancingStrategy> byName = new TreeMap<>();
    /** Settings come from other people's policies, too. Of those beyond it, the ones used longest ago begin anew. */
    private static final int MOST_HASHING = 1_000;

    private final Map<HashSettings, List<LoadBalancingStrategy>> hashing = // guarded by itself
            new LinkedHashMap<>(16, 0.75f, true) {
                private static final long serialVersionUID = 1;

                @Override
                protected boolean removeEldestEntry(Map.Entry<HashSettings, List<LoadBalancingStrategy>> eldest) {
                    return size() > MOST_HASHING;
                }
            };
    private final RandomGenerator random;

    Strategies(Collection<LoadBalancingStrategy> own, RandomGenerator random) {
        this.random = random;
        BuiltInStrategies.all(random).forEach(this::add);
        BuiltInStrategies.hashing(HashSettings.of(NO_KEY), random).forEach(this::add);
        own.forEach(this::add);
    }

    private void add(LoadBalancingStrategy strategy) {
        LoadBalancingStrategy other = byName.putIfAbsent(strategy.name(), strategy);
        if (other != null) {
            throw new XdsLbConfigurationException(
                    "Two load-balancing strategies are called \"" + strategy.name() + "\": "
                            + other.getClass().getName() + " and "
                            + strategy.getClass().getName() + '.',
                    "Let name() of one of them return another name.");
        }
    }

    /**
     * Returns the strategy of a name that nobody here has written; null where there is none, or one that needs a key which is
     * not configured.
     */
    @Nullable
    LoadBalancingStrategy usable(String name, HashSettings hash) {
        boolean lacksKey = hash.key() == NO_KEY
                && BuiltInStrategies.hashing(hash, random).stream()
                        .anyMatch(strategy -> strategy.name().equals(name));
        return byName.containsKey(name) && !lacksKey ? named("the control plane's policy", name, hash, "") : null;
    }

    /**
     * Returns the strategy that a property names.
     *
     * @param hash for a strategy that picks by a key
     * @param keyProperty where that key can be set
     */
    LoadBalancingStrategy named(String property, String name, HashSettings hash, String keyProperty) {
        LoadBalancingStrategy strategy = byName.get(name);
        if (strategy == null) {
            throw XdsLbConfigurationException.value(
                    property,
                    name,
                    "there is no strategy of this name.",
                    "Use one of " + String.join(", ", byName.keySet())
                            + ", or declare a LoadBalancingStrategy bean of this name.");
        }
        for (LoadBalancingStrategy hashes : hashing(hash)) {
            if (hashes.name().equals(name)) {
                if (hash.key() == NO_KEY) {
                    throw XdsLbConfigurationException.value(
                            property,
                            name,
                            "it needs a key by which requests are told apart.",
                            "Set " + keyProperty + ", such as header:x-user.");
                }
                return hashes;
            }
        }
        return strategy;
    }

    private List<LoadBalancingStrategy> hashing(HashSettings hash) {
        synchronized (hashing) {
            return hashing.computeIfAbsent(hash, settings -> List.copyOf(BuiltInStrategies.hashing(settings, random)));
        }
    }
}
