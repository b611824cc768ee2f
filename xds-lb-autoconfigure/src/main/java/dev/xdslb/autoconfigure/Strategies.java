/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.strategy.LoadBalancingStrategy;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;

/** The strategies that the configuration may name: the built-in ones and the application's own beans. Immutable. */
final class Strategies {
    private final Map<String, LoadBalancingStrategy> byName = new TreeMap<>();

    Strategies(Collection<LoadBalancingStrategy> builtIn, Collection<LoadBalancingStrategy> own) {
        builtIn.forEach(this::add);
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

    /** Returns the strategy that a property names. */
    LoadBalancingStrategy named(String property, String name) {
        LoadBalancingStrategy strategy = byName.get(name);
        if (strategy == null) {
            throw XdsLbConfigurationException.value(
                    property,
                    name,
                    "there is no strategy of this name.",
                    "Use one of " + String.join(", ", byName.keySet())
                            + ", or declare a LoadBalancingStrategy bean of this name.");
        }
        return strategy;
    }
}
