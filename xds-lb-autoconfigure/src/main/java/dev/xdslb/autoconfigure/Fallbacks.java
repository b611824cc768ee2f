/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.FallbackEndpoints;
import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where endpoints come from while the control plane has none, the first that knows any: the file with the last good ones, those of
 * application.yml, the application's service discovery.
 *
 * @param lastGood null for no file
 * @param discovery null for no service discovery
 */
record Fallbacks(
        @Nullable FallbackEndpoints lastGood, @Nullable DiscoveryFallback discovery) {

    /**
     * Returns the fallback of a service.
     *
     * @param configured its endpoints in application.yml, empty for none
     * @param discoveryName what service discovery calls it
     * @param port its port for service discovery, empty for any
     */
    FallbackEndpoints of(List<Endpoint> configured, String discoveryName, String port) {
        FallbackEndpoints all = lastGood == null ? FallbackEndpoints.NONE : lastGood;
        if (!configured.isEmpty()) {
            all = after(all, new Fixed(configured));
        }
        return discovery == null ? all : after(all, discovery.of(discoveryName, port));
    }

    private static FallbackEndpoints after(FallbackEndpoints first, FallbackEndpoints second) {
        return first == FallbackEndpoints.NONE ? second : first.orElse(second);
    }

    /** The endpoints that the configuration gives. A value, so that settings which were made anew are known to be the same. */
    private record Fixed(List<Endpoint> all) implements FallbackEndpoints {
        @Override
        public List<Endpoint> endpoints(String resource) {
            return all;
        }
    }
}
