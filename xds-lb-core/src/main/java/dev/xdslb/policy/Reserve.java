/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.InFlightTotal;
import dev.xdslb.policy.EjectionState.Phase;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The ready endpoints of a plan that are in none of its groups, best first. Most plans are never asked for them.
 *
 * <p>Made by the first thread that asks; of two at the same moment both make the same, and either may stay.
 */
final class Reserve {
    private final Collection<Member> members;
    private final Predicate<Endpoint> usable;
    private final List<Candidate> eligible;
    private final List<Pool> groups;
    private final @Nullable InFlightTotal total;
    private volatile @Nullable List<List<Candidate>> ranks; // null until somebody asks

    /**
     * Keeps what it is to be made of.
     *
     * @param members all of the plan
     * @param usable which of them the plan's caller can use
     * @param eligible those that may be picked
     * @param groups who of these is picked by requests that have a choice
     * @param total of the cluster's requests in flight, null where it is not kept
     */
    Reserve(
            Collection<Member> members,
            Predicate<Endpoint> usable,
            List<Candidate> eligible,
            List<Pool> groups,
            @Nullable InFlightTotal total) {
        this.members = members;
        this.usable = usable;
        this.eligible = eligible;
        this.groups = groups;
        this.total = total;
    }

    List<List<Candidate>> ranks() {
        List<List<Candidate>> made = ranks;
        if (made == null) {
            made = make();
            ranks = made;
        }
        return made;
    }

    private List<List<Candidate>> make() {
        Set<Endpoint> placed = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Pool group : groups) {
            for (int i = 0; i < group.size(); i++) {
                placed.add(group.get(i).endpoint());
            }
        }
        Map<Place, List<Candidate>> sorted = new TreeMap<>();
        for (Candidate candidate : eligible) {
            if (placed.add(candidate.endpoint())) {
                add(sorted, Rank.ELIGIBLE, candidate);
            }
        }
        for (Member member : members) {
            Endpoint endpoint = member.endpoint();
            if (endpoint.health().receivesRequests() && usable.test(endpoint) && placed.add(endpoint)) {
                boolean probe = member.ejection().phase == Phase.PROBED;
                add(
                        sorted,
                        rank(member),
                        new Candidate(endpoint, member.load(), member.ejection(), WeightFactors.FULL, probe, total));
            }
        }
        return sorted.values().stream().map(List::copyOf).toList();
    }

    private static void add(Map<Place, List<Candidate>> sorted, Rank rank, Candidate candidate) {
        Place place = new Place(rank, candidate.endpoint().priority());
        sorted.computeIfAbsent(place, p -> new ArrayList<>()).add(candidate);
    }

    private static Rank rank(Member member) {
        EjectionState state = member.ejection();
        if (state.phase == Phase.EJECTED) {
            return Rank.EJECTED;
        }
        if (state.phase == Phase.PROBED || state.reachability.isUnreachable()) {
            return Rank.DOUBTED;
        }
        return member.endpoint().health() == EndpointHealth.HEALTHY ? Rank.TRUSTED : Rank.DEGRADED;
    }

    private record Place(Rank rank, int priority) implements Comparable<Place> {
        private static final Comparator<Place> BEST_FIRST =
                Comparator.comparing(Place::rank).thenComparing(Place::priority);

        @Override
        public int compareTo(Place other) {
            return BEST_FIRST.compare(this, other);
        }
    }

    /** How good they are, the best first. */
    private enum Rank {
        /** Of a priority or a zone that is not used now. */
        ELIGIBLE,
        /** Avoided for a moment, or unproven. */
        TRUSTED,
        DEGRADED,
        /** Its probe may bring it back, or no connection to it could be made a moment ago. */
        DOUBTED,
        EJECTED
    }
}
