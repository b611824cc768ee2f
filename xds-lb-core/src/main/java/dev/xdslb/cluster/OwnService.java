/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.ClientPlace;
import java.util.HashMap;
import java.util.Map;

/**
 * The place of a process whose zone and service are known. Its fellow clients are the endpoints of its own service: the
 * share of a zone is the part of the ready ones that runs there.
 */
public final class OwnService implements ClientPlace {
    private final String zone;
    private volatile Map<String, Double> shares = Map.of(); // replaced whole after each change of the own service

    /**
     * Watches the own service.
     *
     * @param zone the zone of this process, not empty
     * @param service the cluster of the service that this process belongs to
     */
    public OwnService(String zone, Cluster service) {
        this.zone = requireNonNull(zone, "zone");
        service.onPublish(() -> shares = sharesOf(service));
        this.shares = sharesOf(service);
    }

    @Override
    public String zone() {
        return zone;
    }

    @Override
    public double clientShare(String zoneOfClients) {
        Map<String, Double> present = shares;
        return present.isEmpty() ? Double.NaN : present.getOrDefault(zoneOfClients, 0.0);
    }

    private static Map<String, Double> sharesOf(Cluster service) {
        Map<String, Double> counts = new HashMap<>();
        double total = 0;
        for (Endpoint endpoint : service.endpoints()) {
            if (endpoint.health().receivesRequests()) {
                counts.merge(endpoint.locality().zone(), 1.0, Double::sum);
                total++;
            }
        }
        double ready = total;
        counts.replaceAll((zone, count) -> count / ready);
        return Map.copyOf(counts);
    }
}
