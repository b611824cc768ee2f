/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.load.InFlightTotal;
import dev.xdslb.policy.Plan.Level;
import dev.xdslb.policy.Routing.Why;
import dev.xdslb.policy.Routing.ZoneShares;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
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
    private final List<Pool> groups = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();

    Grouping(
            ZoneSettings settings,
            ClientPlace place,
            ZoneBalance balance,
            @Nullable InFlightTotal total,
            TurnSequences turns) {
        this.settings = settings;
        this.place = place;
        this.balance = balance;
        this.total = total;
        this.turns = turns;
    }

    List<Pool> groups() {
        return groups;
    }

    List<Level> levels() {
        return levels;
    }

    /**
     * Divides the requests.
     *
     * @param members all endpoints, also those that are not ready: what a priority can take is judged by how many of its
     *     endpoints are
     */
    void divide(List<Candidate> candidates, Collection<Member> members) {
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
            levels.add(level(byPriority.firstKey(), 1, candidates));
            return;
        }
        double left = 1;
        Map<List<Candidate>, Double> shares = new LinkedHashMap<>();
        for (Map.Entry<Integer, List<Candidate>> priority : byPriority.entrySet()) {
            double share = Math.min(left, capacity(priority.getKey(), priority.getValue(), members));
            if (share > 0) {
                shares.put(priority.getValue(), share);
                left -= share;
            }
        }
        double assigned = 1 - left;
        shares.forEach(
                (group, share) -> levels.add(level(group.get(0).endpoint().priority(), share / assigned, group)));
    }

    /** Returns the share of all requests that a priority can take, 0 to 1. */
    private static double capacity(int priority, List<Candidate> candidates, Collection<Member> members) {
        double known = 0;
        for (Member member : members) {
            known +=
                    member.endpoint().priority() == priority ? member.endpoint().weight() : 0;
        }
        double usable = 0;
        for (Candidate candidate : candidates) {
            usable += candidate.endpoint().weight();
        }
        return Math.min(1, OVERPROVISIONING * usable / known);
    }

    private Level level(int priority, double share, List<Candidate> candidates) {
        String ownZone = place.zone();
        TreeMap<String, List<Candidate>> byZone = new TreeMap<>();
        for (Candidate candidate : candidates) {
            byZone.computeIfAbsent(candidate.endpoint().locality().zone(), z -> new ArrayList<>())
                    .add(candidate);
        }
        List<Candidate> local = byZone.getOrDefault(ownZone, List.of());
        Why zonesDoNotMatter = whyZonesDoNotMatter(ownZone, byZone.size(), local.size());
        if (zonesDoNotMatter != null) {
            return new Level(priority, share, group(priority + "/all", candidates), zonesDoNotMatter, null);
        }
        if (settings.affinity() == Affinity.FORCED) {
            return new Level(priority, share, group(priority + "/local", local), Why.FORCED_LOCAL, null);
        }
        return new Level(priority, share, 0, Why.KEPT_LOCAL, zones(priority, ownZone, byZone));
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

    private ZoneSplit zones(int priority, String ownZone, Map<String, List<Candidate>> byZone) {
        double total = 0;
        for (List<Candidate> zone : byZone.values()) {
            total += weight(zone);
        }
        double local = weight(byZone.getOrDefault(ownZone, List.of())) / total;
        double clients = clientShare(ownZone, byZone);
        double capacity = Math.min(1, local / clients);
        List<Candidate> others = new ArrayList<>();
        List<Integer> roomGroups = new ArrayList<>();
        List<Double> room = new ArrayList<>();
        double allRoom = 0;
        for (Map.Entry<String, List<Candidate>> zone : byZone.entrySet()) {
            if (zone.getKey().equals(ownZone)) {
                continue;
            }
            others.addAll(zone.getValue());
            double spare = weight(zone.getValue()) / total - clientShare(zone.getKey(), byZone);
            if (capacity < 1 && spare > 0) {
                allRoom += spare;
                room.add(allRoom);
                roomGroups.add(group(priority + "/zone/" + zone.getKey(), zone.getValue()));
            }
        }
        double sum = allRoom;
        return new ZoneSplit(
                group(priority + "/local", byZone.getOrDefault(ownZone, List.of())),
                group(priority + "/others", others),
                new ZoneShares(ownZone, clients, !Double.isNaN(place.clientShare(ownZone)), local, capacity, 1),
                roomGroups.stream().mapToInt(Integer::intValue).toArray(),
                room.stream().mapToDouble(r -> r / sum).toArray(),
                balance);
    }

    /** Where the clients' shares are not known, they are taken to be spread evenly over the zones that serve. */
    private double clientShare(String zone, Map<String, List<Candidate>> byZone) {
        double share = place.clientShare(zone);
        return Double.isNaN(share) ? 1.0 / byZone.size() : share;
    }

    /**
     * Adds a group.
     *
     * @param role what it is to the cluster, whoever is in it
     */
    private int group(String role, List<Candidate> candidates) {
        groups.add(new Pool(candidates, total, new PickerTurns(turns), role));
        return groups.size() - 1;
    }

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
