/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.FallbackEndpoints;

/** Makes the fallback that asks the application's own service discovery; absent where there is none on the class path. */
@FunctionalInterface
interface DiscoveryFallback {

    /**
     * Returns the endpoints of a service.
     *
     * @param serviceId what service discovery knows it by
     * @param port the port that is wanted, empty for any
     */
    FallbackEndpoints of(String serviceId, String port);
}
