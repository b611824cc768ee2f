/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.springcloud.ServiceNames;
import org.jspecify.annotations.Nullable;

/**
 * The settings of clusters as the newest properties say. Written by a refresh, read by whoever makes a cluster or asks for its
 * settings again.
 */
final class LiveClusters implements ClusterSettingsProvider {
    private final ServiceNames names;
    private final Strategies strategies;
    private final RequestKeys keys;
    private final @Nullable DiscoveryFallback discovery;
    private volatile ConfiguredClusters present;

    LiveClusters(
            XdsLbProperties properties,
            ServiceNames names,
            Strategies strategies,
            RequestKeys keys,
            @Nullable DiscoveryFallback discovery) {
        this.names = names;
        this.strategies = strategies;
        this.keys = keys;
        this.discovery = discovery;
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

    private ConfiguredClusters read(XdsLbProperties properties) {
        return new ConfiguredClusters(properties, names, strategies, keys, discovery);
    }
}
