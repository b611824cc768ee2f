/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.util.Set;

/**
 * The settings of clusters as the newest properties say. Written by a refresh, read by whoever makes a cluster or asks for its
 * settings again.
 */
final class LiveClusters implements ClusterSettingsProvider {
    private final ServiceNames names;
    private final Strategies strategies;
    private final RequestKeys keys;
    private final Fallbacks fallbacks;
    private volatile ConfiguredClusters present;

    LiveClusters(
            XdsLbProperties properties,
            ServiceNames names,
            Strategies strategies,
            RequestKeys keys,
            Fallbacks fallbacks) {
        this.names = names;
        this.strategies = strategies;
        this.keys = keys;
        this.fallbacks = fallbacks;
        this.present = read(properties);
    }

    /**
     * Takes other properties.
     *
     * @throws XdsLbConfigurationException when they cannot work; those from before stay in use
     */
    void change(XdsLbProperties properties) {
        present = read(properties);
    }

    @Override
    public ClusterSettings settings(String resource, ServicePolicy policy) {
        return present.settings(resource, policy);
    }

    @Override
    public boolean isConfigured(String resource) {
        return present.isConfigured(resource);
    }

    /**
     * Returns a strategy that an operator asks for by its name, set up for a cluster.
     *
     * @throws XdsLbConfigurationException when there is none of that name, or it needs a key that is not configured
     */
    LoadBalancingStrategy strategy(String resource, ServicePolicy policy, String name) {
        return present.strategy(resource, policy, name);
    }

    /** Returns the resources that the configured services stand for. */
    Set<String> resources() {
        return present.resources();
    }

    private ConfiguredClusters read(XdsLbProperties properties) {
        return new ConfiguredClusters(properties, names, strategies, keys, fallbacks);
    }
}
