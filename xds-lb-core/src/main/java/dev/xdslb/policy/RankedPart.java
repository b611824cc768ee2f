/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.policy.ClientSubsetChooser.PartKey;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The endpoints that a request may choose among, ranked in each zone. Immutable, but for the quotas, which are kept. */
final class RankedPart {
    private final TreeMap<ZoneOfRegion, RankedZone> zones = new TreeMap<>();
    private final int size;
    private final int staying;
    private int[] quotas = {}; // of quotasOf; touched by one thread at a time, as is the next
    private @Nullable Question quotasOf;

    private RankedPart(Map<ZoneOfRegion, List<Scored>> byZone) {
        int endpoints = 0;
        int leaving = 0;
        for (Map.Entry<ZoneOfRegion, List<Scored>> zone : byZone.entrySet()) {
            List<Endpoint> ranked = zone.getValue().stream()
                    .sorted(Scored.BEST_FIRST)
                    .map(Scored::endpoint)
                    .toList();
            zones.put(zone.getKey(), new RankedZone(ranked));
            endpoints += ranked.size();
            leaving += draining(ranked);
        }
        this.size = endpoints;
        this.staying = endpoints - leaving;
    }

    /** Ranks the endpoints of a service. */
    static Map<PartKey, RankedPart> of(
            List<Endpoint> endpoints, Function<Endpoint, String> label, RendezvousRanking ranking) {
        TreeMap<PartKey, Map<ZoneOfRegion, List<Scored>>> sorted = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            sorted.computeIfAbsent(new PartKey(endpoint.priority(), label.apply(endpoint)), key -> new TreeMap<>())
                    .computeIfAbsent(ZoneOfRegion.of(endpoint.locality()), zone -> new ArrayList<>())
                    .add(new Scored(endpoint, ranking.score(endpoint.key())));
        }
        TreeMap<PartKey, RankedPart> parts = new TreeMap<>();
        sorted.forEach((key, byZone) -> parts.put(key, new RankedPart(byZone)));
        return parts;
    }

    /** Returns the zones, sorted; the name of one may be empty. */
    Map<ZoneOfRegion, RankedZone> zones() {
        return zones;
    }

    /** Returns how many endpoints there are. */
    int size() {
        return size;
    }

    /** Returns how many of them are not about to go. Those that are not ready count: how many are ready changes with each probe. */
    int staying() {
        return staying;
    }

    /**
     * Returns the places of each zone, in their order.
     *
     * @param own null where it is not preferred
     */
    int[] quotas(int subsetSize, @Nullable ZoneOfRegion own) {
        Question question = new Question(subsetSize, own);
        if (!question.equals(quotasOf)) {
            int[] counts = zones.values().stream()
                    .mapToInt(zone -> zone.ranked().size())
                    .toArray();
            quotas = ZoneQuotas.of(counts, subsetSize, own == null ? null : position(own));
            quotasOf = question;
        }
        return quotas;
    }

    /** Returns which of the zones it is; null where none is, or where several may be because a region is not known. */
    private @Nullable Integer position(ZoneOfRegion own) {
        List<ZoneOfRegion> possible = zones.containsKey(own)
                ? List.of(own)
                : zones.keySet().stream().filter(own::maybe).toList();
        return possible.size() == 1 ? zones.headMap(possible.get(0)).size() : null;
    }

    private static int draining(List<Endpoint> endpoints) {
        int draining = 0;
        for (Endpoint endpoint : endpoints) {
            draining += endpoint.health() == EndpointHealth.DRAINING ? 1 : 0;
        }
        return draining;
    }

    private record Question(int subsetSize, @Nullable ZoneOfRegion own) {}

    private record Scored(Endpoint endpoint, long score) {
        /** Those of one pod, whose scores are equal, by their address: the order of the source may be another one tomorrow. */
        static final Comparator<Scored> BEST_FIRST =
                Comparator.comparingLong(Scored::score).reversed().thenComparing(scored -> scored.endpoint.address());
    }
}
