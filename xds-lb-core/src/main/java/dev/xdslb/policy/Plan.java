/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.List;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who may be picked at one moment, as {@link PolicyChain} decided: groups of candidates, and how the requests are divided
 * among the groups. Immutable; read by every pick.
 */
public final class Plan {
    private final List<Pool> groups;
    private final List<Level> levels; // priorities with a share of the requests, in order
    private final List<Candidate> probes;
    private final Predicate<Candidate> takesProbe;
    private final int known;
    private final int eligible;
    private final int ejected;

    Plan(
            List<Pool> groups,
            List<Level> levels,
            List<Candidate> probes,
            Predicate<Candidate> takesProbe,
            int known,
            int eligible,
            int ejected) {
        this.groups = List.copyOf(groups);
        this.levels = List.copyOf(levels);
        this.probes = List.copyOf(probes);
        this.takesProbe = takesProbe;
        this.known = known;
        this.eligible = eligible;
        this.ejected = ejected;
    }

    /** Returns the groups, none of them empty; none where nobody may be picked. A candidate may be in several groups. */
    public List<Pool> groups() {
        return groups;
    }

    /**
     * Returns the group for the next request.
     *
     * @return a position in {@link #groups()}, which must not be empty
     */
    public int route(RandomGenerator random) {
        if (levels.size() == 1) {
            return levels.get(0).route(random);
        }
        double draw = random.nextDouble();
        for (Level level : levels) {
            draw -= level.share;
            if (draw < 0) {
                return level.route(random);
            }
        }
        return levels.get(levels.size() - 1).route(random); // reached by rounding only
    }

    /** Returns an ejected endpoint that this very request shall try, or null where none is due. */
    public @Nullable Candidate takeProbe() {
        for (int i = 0; i < probes.size(); i++) {
            Candidate candidate = probes.get(i);
            if (takesProbe.test(candidate)) {
                return candidate;
            }
        }
        return null;
    }

    /** Returns the number of endpoints that the cluster has, ready or not. */
    public int known() {
        return known;
    }

    /** Returns the number of endpoints that may be picked. */
    public int eligible() {
        return eligible;
    }

    /** Returns the number of ready endpoints that are left out because they failed. */
    public int ejected() {
        return ejected;
    }

    /**
     * One priority.
     *
     * @param share of all requests, above 0
     * @param all the group of all its candidates, used where zones are not looked at
     * @param zones how it is divided among zones, null where it is not
     */
    record Level(double share, int all, @Nullable ZoneSplit zones) {
        int route(RandomGenerator random) {
            return zones == null ? all : zones.route(random);
        }
    }
}
