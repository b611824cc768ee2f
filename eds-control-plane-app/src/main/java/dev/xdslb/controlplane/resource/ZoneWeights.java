/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * How a client that cannot decide it itself divides its requests among zones: as our own client does as long as no zone is
 * overloaded, which only a client can measure. With U the own zone's share of the ready weight and L its share of the clients,
 * min(1, U / L) stays; the rest goes to zones that have more than their own clients need. The formula is that of Envoy's zone
 * aware routing.
 *
 * <p>Both shares are of the regions that serve: clients of another region have endpoints of their own, or have none near and go to
 * all zones alike.
 */
final class ZoneWeights {

    /** What the weights of all zones add up to, but for rounding. */
    static final int ALL = 10_000;

    /**
     * What stays of what the own zone has room for, as in our client at best. gRPC takes the others when the own zone has no
     * connection left, and needs a weight of at least 1 to know them.
     */
    private static final double KEPT = 0.995;

    /** Beside the least that another zone can weigh, of which one in a million requests comes. */
    private static final int NEARLY_ALL = 1_000_000;

    private final ZoneKey own;
    private final Map<ZoneKey, Long> ready;
    private final double allReady;
    private final Map<ZoneKey, Integer> clients;
    private final double allClients;

    private ZoneWeights(ZoneKey own, Map<ZoneKey, Long> ready, Map<ZoneKey, Integer> clients) {
        this.own = own;
        this.ready = ready;
        this.allReady = ready.values().stream().mapToLong(Long::longValue).sum();
        this.clients = clients;
        this.allClients = clients.values().stream().mapToInt(Integer::intValue).sum();
    }

    /**
     * Returns the weight of each zone; empty where zones do not matter: the own one has no endpoint that is ready, or no other
     * has.
     *
     * @param own the client's zone, as it is called in {@code ready}
     * @param ready the weight of the endpoints that are ready, by zone, above 0
     * @param clients how many of the client's fellows are ready, by zone; empty when unknown, then they are taken to be spread
     *     evenly over the zones that serve
     */
    static Map<ZoneKey, Integer> of(ZoneKey own, Map<ZoneKey, Long> ready, Map<ZoneKey, Integer> clients) {
        if (ready.size() < 2 || !ready.containsKey(own)) {
            return Map.of();
        }
        return new ZoneWeights(own, ready, located(clients, own, ready.keySet())).weights();
    }

    /**
     * Returns the weight of each zone where all requests are to stay; empty where zones do not matter.
     *
     * @param own the client's zone, as it is called in {@code ready}
     * @param ready the weight of the endpoints that are ready, by zone, above 0
     */
    static Map<ZoneKey, Integer> allIn(ZoneKey own, Map<ZoneKey, Long> ready) {
        if (ready.size() < 2 || !ready.containsKey(own)) {
            return Map.of();
        }
        Map<ZoneKey, Integer> weights = new TreeMap<>();
        ready.keySet().forEach(zone -> weights.put(zone, zone.equals(own) ? NEARLY_ALL : 1));
        return weights;
    }

    /** Without those whose zone is unknown, or whose region does not serve; and who asks is there, ready or not. */
    private static Map<ZoneKey, Integer> located(Map<ZoneKey, Integer> clients, ZoneKey own, Set<ZoneKey> serving) {
        Set<String> regions = new HashSet<>();
        serving.forEach(zone -> regions.add(zone.region()));
        boolean anyRegion = regions.contains("");
        Map<ZoneKey, Integer> located = new TreeMap<>();
        clients.forEach((zone, count) -> {
            boolean isNear = anyRegion || zone.region().isEmpty() || regions.contains(zone.region());
            if (count > 0 && !zone.zone().isEmpty() && isNear) {
                located.merge(asServing(zone, serving), count, Integer::sum);
            }
        });
        if (!located.isEmpty()) {
            located.putIfAbsent(own, 1);
        }
        return located;
    }

    /** Returns the zone as it is called among those that serve: its region may be known there alone. */
    private static ZoneKey asServing(ZoneKey zone, Set<ZoneKey> serving) {
        if (serving.contains(zone)) {
            return zone;
        }
        List<ZoneKey> possible = serving.stream().filter(zone::maybe).toList();
        return possible.size() == 1 ? possible.get(0) : zone;
    }

    private SortedMap<ZoneKey, Integer> weights() {
        double capacity = Math.min(1, readyShare(own) / clientShare(own));
        double allRoom = 0;
        for (ZoneKey zone : ready.keySet()) {
            allRoom += room(zone);
        }
        SortedMap<ZoneKey, Integer> weights = new TreeMap<>();
        for (ZoneKey zone : ready.keySet()) {
            double byReady = readyShare(zone) / (1 - readyShare(own));
            double ofLack = allRoom > 0 ? room(zone) / allRoom : byReady;
            double share =
                    zone.equals(own) ? capacity * KEPT : capacity * (1 - KEPT) * byReady + (1 - capacity) * ofLack;
            weights.put(zone, Math.max(1, (int) Math.round(share * ALL)));
        }
        return weights;
    }

    /** Returns what another zone has beyond what its own clients need. */
    private double room(ZoneKey zone) {
        return zone.equals(own) ? 0 : Math.max(0, readyShare(zone) - clientShare(zone));
    }

    private double readyShare(ZoneKey zone) {
        return ready.getOrDefault(zone, 0L) / allReady;
    }

    private double clientShare(ZoneKey zone) {
        return clients.isEmpty() ? 1.0 / ready.size() : clients.getOrDefault(zone, 0) / allClients;
    }
}
