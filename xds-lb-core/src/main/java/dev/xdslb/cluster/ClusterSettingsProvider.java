/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import org.apiguardian.api.API;

/**
 * Says how each cluster is balanced. Asked when a cluster is made, when its source says another policy, and for every cluster
 * when {@link ClusterRegistry#settingsChanged()} is called. Thread-safe.
 */
@API(status = API.Status.STABLE)
@FunctionalInterface
public interface ClusterSettingsProvider {

    /**
     * Returns the settings of a cluster. Settings that equal those in use change nothing; so return the same strategy where it is
     * to stay. Where this throws, the settings in use stay, which is logged; for a new cluster, whoever asked for it is told.
     *
     * @param resource the name that the source is asked for
     * @param policy what the source says about the service, {@link ServicePolicy#NONE} before it has answered
     */
    ClusterSettings settings(String resource, ServicePolicy policy);

    /** Returns the same settings for every cluster, whatever its source says, and lets none of them sleep. */
    static ClusterSettingsProvider fixed(ClusterSettings settings) {
        requireNonNull(settings, "settings");
        return new ClusterSettingsProvider() {
            @Override
            public ClusterSettings settings(String resource, ServicePolicy policy) {
                return settings;
            }

            @Override
            public boolean isConfigured(String resource) {
                return true;
            }
        };
    }

    /**
     * Returns whether a resource is named by the configuration. The cluster of one that is not lives only as long as it is used,
     * and there may be a limited number of them: see {@link ClusterLifetime}.
     */
    default boolean isConfigured(String resource) {
        return false;
    }
}
