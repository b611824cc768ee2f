/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;

/**
 * What endpoints weigh on one ring for all zones, where the requests are divided among zones in a given way: the share of the zone,
 * divided among its endpoints as they weigh. Then it does not matter how a client reads the weights of several localities: most
 * multiply the two (Java's {@code ClusterResolverLoadBalancer}, grpc-js), and gRFC A113 divides the second by its sum before.
 */
final class RingWeights {

    /** What all add up to, but for rounding: far from the 2^32 that no client's sum may reach, also with a sign. */
    static final long ALL = 1_000_000_000;

    private RingWeights() {}

    /**
     * Returns the weights of the endpoints of one priority; one that is not ready, and gets nothing new, weighs 1.
     *
     * @param zoneWeights the shares of the zones; one that is not in it has nothing that is ready
     */
    static ToIntFunction<EndpointView> of(List<EndpointView> endpoints, Map<ZoneKey, Integer> zoneWeights) {
        Map<ZoneKey, Long> ready = new HashMap<>();
        for (EndpointView endpoint : endpoints) {
            if (endpoint.health() == Health.READY) {
                ready.merge(endpoint.zoneKey(), (long) endpoint.weight(), Long::sum);
            }
        }
        double zones = 0;
        for (ZoneKey zone : ready.keySet()) {
            zones += zoneWeights.getOrDefault(zone, 0);
        }
        double all = zones;
        return endpoint -> {
            Long ofZone = ready.get(endpoint.zoneKey());
            if (endpoint.health() != Health.READY || ofZone == null) {
                return 1;
            }
            double share = zoneWeights.getOrDefault(endpoint.zoneKey(), 0) / all * endpoint.weight() / ofZone;
            return (int) Math.max(1, Math.round(share * ALL));
        };
    }
}
