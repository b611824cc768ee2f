/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.InFlightTotal;
import dev.xdslb.policy.Plan.Level;
import dev.xdslb.policy.Routing.Why;
import dev.xdslb.policy.Routing.ZoneShares;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Sorts candidates into groups by priority and zone, and says how the requests are divided among them. Used once per plan,
 * on one thread.
 */
final class Grouping {
    /** How much more than its usual share an endpoint can take before a lower priority has to help. As in Envoy. */
    static final double OVERPROVISIONING = 1.4;

    private final ZoneSettings settings;
    private final ClientPlace place;
    private final ZoneBalance balance;
    private final @Nullable InFlightTotal total;
    private final TurnSequences turns;
    private final ReusedTables tables;
    private final List<Pool> groups = new ArrayList<>();
    private final List<Scope> scopes = new ArrayList<>(); // 1:1 with groups
    private final List<Level> levels = new ArrayList<>();
    private int lastPriority; // the last one that requests are sent to, or would be if any there could be picked

    Grouping(
            ZoneSettings settings,
            ClientPlace place,
            ZoneBalance balance,
            @Nullable InFlightTotal total,
            TurnSequences turns,
            ReusedTables tables) {
        this.settings = settings;
        this.place = place;
        this.balance = balance;
        this.total = total;
        this.turns = turns;
        this.tables = tables;
    }

    List<Pool> groups() {
        return groups;
    }

    List<Level> levels() {
        return levels;
    }

    /**
     * Returns which of some endpoints that are left out a request to each group may try: those that it could go to if they
     * were not.
     */
    Candidate[][] probes(List<Candidate> waiting) {
        Candidate[][] probes = new Candidate[groups.size()][];
        for (int group = 0; group < probes.length; group++) {
            Scope scope = scopes.get(group);
            probes[group] = waiting.stream()
                    .filter(candidate -> mayTry(scope, candidate.endpoint()))
                    .toArray(Candidate[]::new);
        }
        return probes;
    }

    /** One whose priority has nobody else left has no group of its own. */
    private boolean mayTry(Scope scope, Endpoint endpoint) {
        boolean hasLevel = levels.stream().anyMatch(level -> level.priority() == endpoint.priority());
        return hasLevel
                ? scope.priority == endpoint.priority() && scope.zones.test(endpoint.locality())
                : endpoint.priority() <= lastPriority;
    }

    /**
     * Divides the requests.
     *
     * @param meanWeight what the candidates' weights are relative to
     * @param members all endpoints, also those that are not ready: what a priority can take is judged by how many of its
     *     endpoints are
     */
    void divide(List<Candidate> candidates, double meanWeight, Collection<Member> members) {
        if (candidates.isEmpty()) {
            return;
        }
        TreeMap<Integer, List<Candidate>> byPriority = new TreeMap<>();
        for (Candidate candidate : candidates) {
            byPriority
                    .computeIfAbsent(candidate.endpoint().priority(), p -> new ArrayList<>())
                    .add(candidate);
        }
        if (byPriority.size() == 1) {
            int only = byPriority.firstKey();
            lastPriority = capacity(only, candidates, meanWeight, members) < 1 ? Integer.MAX_VALUE : only;
            levels.add(level(only, 1, candidates));
            return;
        }
        double left = 1;
        lastPriority = Integer.MAX_VALUE;
        Map<List<Candidate>, Double> shares = new LinkedHashMap<>();
        for (Map.Entry<Integer, List<Candidate>> priority : byPriority.entrySet()) {
            double share = Math.min(left, capacity(priority.getKey(), priority.getValue(), meanWeight, members));
            if (share > 0) {
                shares.put(priority.getValue(), share);
                left -= share;
            }
            if (left <= 0) {
                lastPriority = Math.min(lastPriority, priority.getKey());
            }
        }
        double assigned = 1 - left;
        shares.forEach(
                (group, share) -> levels.add(level(group.get(0).endpoint().priority(), share / assigned, group)));
    }

    /** Returns the share of all requests that a priority can take, 0 to 1. */
    private static double capacity(
            int priority, List<Candidate> candidates, double meanWeight, Collection<Member> members) {
        double known = 0;
        for (Member member : members) {
            known += member.endpoint().priority() == priority ? member.weight() : 0;
        }
        double usable = 0;
        for (Candidate candidate : candidates) {
            usable += candidate.weightFactors().controlPlane() * meanWeight;
        }
        return Math.min(1, OVERPROVISIONING * usable / known);
    }

    private Level level(int priority, double share, List<Candidate> candidates) {
        ZoneOfRegion own = new ZoneOfRegion(place.region(), place.zone());
        TreeMap<ZoneOfRegion, List<Candidate>> byZone = new TreeMap<>();
        for (Candidate candidate : candidates) {
            Locality locality = candidate.endpoint().locality();
            byZone.computeIfAbsent(own.holds(locality) ? own : ZoneOfRegion.of(locality), z -> new ArrayList<>())
                    .add(candidate);
        }
        List<Candidate> local = byZone.getOrDefault(own, List.of());
        Why zonesDoNotMatter = whyZonesDoNotMatter(own.zone(), byZone.size(), local.size());
        if (zonesDoNotMatter != null) {
            return new Level(
                    priority, share, group("/all", candidates, priority, locality -> true), zonesDoNotMatter, null);
        }
        if (settings.affinity() == Affinity.FORCED) {
            return new Level(priority, share, group("/local", local, priority, own::holds), Why.FORCED_LOCAL, null);
        }
        return new Level(priority, share, 0, Why.KEPT_LOCAL, zones(priority, own, byZone));
    }

    private @Nullable Why whyZonesDoNotMatter(String ownZone, int zones, int localEndpoints) {
        if (settings.affinity() == Affinity.OFF) {
            return Why.AFFINITY_OFF;
        }
        if (ownZone.isEmpty()) {
            return Why.OWN_ZONE_UNKNOWN;
        }
        if (zones == 1) {
            return Why.ONE_ZONE;
        }
        return localEndpoints < settings.minLocalEndpoints() ? Why.FEW_LOCAL_ENDPOINTS : null;
    }

    private ZoneSplit zones(int priority, ZoneOfRegion own, Map<ZoneOfRegion, List<Candidate>> byZone) {
        Set<String> regions = regions(byZone);
        double total = 0;
        for (List<Candidate> zone : byZone.values()) {
            total += weight(zone);
        }
        double local = weight(byZone.getOrDefault(own, List.of())) / total;
        double evenly = 1.0 / byZone.size(); // taken for a share that is not known
        double known = place.clientShare(own, regions);
        double clients = Double.isNaN(known) ? evenly : known;
        double capacity = Math.min(1, local / clients);
        List<Candidate> others = new ArrayList<>();
        List<Integer> roomGroups = new ArrayList<>();
        List<Double> room = new ArrayList<>();
        double allRoom = 0;
        for (Map.Entry<ZoneOfRegion, List<Candidate>> zone : byZone.entrySet()) {
            if (zone.getKey().equals(own)) {
                continue;
            }
            others.addAll(zone.getValue());
            double ofZone = place.clientShare(zone.getKey(), regions);
            double spare = weight(zone.getValue()) / total - (Double.isNaN(ofZone) ? evenly : ofZone);
            if (capacity < 1 && spare > 0) {
                allRoom += spare;
                room.add(allRoom);
                roomGroups.add(group(
                        "/zone/" + zone.getKey(),
                        zone.getValue(),
                        priority,
                        locality -> !own.holds(locality) && zone.getKey().equals(ZoneOfRegion.of(locality))));
            }
        }
        double sum = allRoom;
        return new ZoneSplit(
                group("/local", byZone.getOrDefault(own, List.of()), priority, own::holds),
                group("/others", others, priority, locality -> !own.holds(locality)),
                new ZoneShares(own.zone(), clients, !Double.isNaN(known), local, capacity, 1),
                roomGroups.stream().mapToInt(Integer::intValue).toArray(),
                room.stream().mapToDouble(r -> r / sum).toArray(),
                balance);
    }

    /** Returns the regions of those that serve. Clients of another one have endpoints of their own, or go to all zones alike. */
    private static Set<String> regions(Map<ZoneOfRegion, List<Candidate>> byZone) {
        Set<String> regions = new HashSet<>();
        for (List<Candidate> zone : byZone.values()) {
            for (Candidate candidate : zone) {
                regions.add(candidate.endpoint().locality().region());
            }
        }
        return regions;
    }

    /**
     * Adds a group.
     *
     * @param role what it is to its priority, whoever is in it
     * @param zones whether it is made of what is in a locality
     */
    private int group(String role, List<Candidate> candidates, int priority, Predicate<Locality> zones) {
        groups.add(new Pool(candidates, total, new PickerTurns(turns), priority + role, tables));
        scopes.add(new Scope(priority, zones));
        return groups.size() - 1;
    }

    /**
     * Which endpoints a group is made of.
     *
     * @param zones whether what is in a locality belongs to it
     */
    private record Scope(int priority, Predicate<Locality> zones) {}

    /** Returns what they have room for. That one fails more often than another does not mean that it has less room. */
    private static double weight(List<Candidate> candidates) {
        double weight = 0;
        for (Candidate candidate : candidates) {
            weight += candidate.weightFactors().controlPlane()
                    * candidate.weightFactors().slowStart();
        }
        return weight;
    }
}
