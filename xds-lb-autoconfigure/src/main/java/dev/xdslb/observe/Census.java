/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.ClusterPicker;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Plan;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How many endpoints of a cluster stand where, by zone, at one moment. Making it takes time in proportion to the number of endpoints.
 */
final class Census {
    private final Map<EndpointKey, Exclusion> exclusions = new HashMap<>();
    private final Map<String, Map<Standing, Integer>> zones = new TreeMap<>();

    private Census() {}

    static Census of(ClusterPicker picker) {
        Census census = new Census();
        Plan plan = picker.plan();
        for (Exclusion exclusion : plan.exclusions()) {
            census.exclusions.put(exclusion.endpoint().key(), exclusion);
        }
        for (Member member : picker.members()) {
            Endpoint endpoint = member.endpoint();
            census.count(endpoint, census.standing(endpoint));
        }
        for (Endpoint endpoint : picker.clientSubset().outside()) {
            census.count(endpoint, Standing.OUTSIDE);
        }
        return census;
    }

    private void count(Endpoint endpoint, Standing standing) {
        zones.computeIfAbsent(endpoint.locality().zone(), zone -> new EnumMap<>(Standing.class))
                .merge(standing, 1, Integer::sum);
    }

    /** Returns why an endpoint may not be picked, null where it may. */
    @Nullable
    Exclusion exclusion(Endpoint endpoint) {
        return exclusions.get(endpoint.key());
    }

    Standing standing(Endpoint endpoint) {
        return Standing.of(exclusion(endpoint));
    }

    /** Returns the numbers by zone, sorted; the zone may be empty. */
    Map<String, Map<Standing, Integer>> zones() {
        return zones;
    }

    int count(String zone, Standing standing) {
        return zones.getOrDefault(zone, Map.of()).getOrDefault(standing, 0);
    }
}
