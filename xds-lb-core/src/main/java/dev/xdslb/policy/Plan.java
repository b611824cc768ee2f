/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.policy.Routing.Why;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Who may be picked at one moment, as {@link PolicyChain} decided: groups of candidates, and how the requests are divided
 * among the groups. Immutable; read by every pick.
 */
public final class Plan {
    /** How many requests there are for each probe where much depends on it, as long as the budget lasts. */
    private static final int ONE_IN = 4;

    private final List<Pool> groups;
    private final Level[] levels; // priorities with a share of the requests, in order
    private final Candidate[][] probes; // of each group those that wait for one; 1:1 with groups
    private final boolean probing; // whether any group has some
    private final OutlierEjection ejection;
    private final ProbeBudget budget;
    private final boolean hurrying; // whether much depends on what the probes find out
    private final int known;
    private final int eligible;
    private final int ejected;
    private final boolean panic;
    private final List<Exclusion> exclusions;
    private final Reserve reserve;

    Plan(
            List<Pool> groups,
            List<Level> levels,
            Candidate[][] probes,
            OutlierEjection ejection,
            ProbeBudget budget,
            boolean hurrying,
            int known,
            int eligible,
            Eligibility eligibility,
            Reserve reserve) {
        this.groups = List.copyOf(groups);
        this.levels = levels.toArray(Level[]::new);
        this.probes = probes;
        this.probing = Arrays.stream(probes).anyMatch(group -> group.length > 0);
        this.ejection = ejection;
        this.budget = budget;
        this.hurrying = hurrying;
        this.known = known;
        this.eligible = eligible;
        this.ejected = eligibility.ejected();
        this.panic = eligibility.isPanic();
        this.exclusions = List.copyOf(eligibility.exclusions());
        this.reserve = reserve;
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
        return route(random, null);
    }

    /**
     * Returns the group for the next request, and says why.
     *
     * @param observer told once, before this method returns; null where nobody wants to know
     * @return a position in {@link #groups()}, which must not be empty
     */
    public int route(RandomGenerator random, @Nullable Consumer<Routing> observer) {
        Level level = levels.length == 1 ? levels[0] : drawLevel(random);
        return level.route(random, observer);
    }

    private Level drawLevel(RandomGenerator random) {
        double draw = random.nextDouble();
        for (Level level : levels) {
            draw -= level.share;
            if (draw < 0) {
                return level;
            }
        }
        return levels[levels.length - 1]; // reached by rounding only
    }

    /** Returns whether some request is to be a probe now, if it comes by. */
    public boolean isProbing() {
        return probing && budget.hasRoom();
    }

    /**
     * Returns an endpoint that is left out and that this very request shall try, or null where it goes to the others. Each of
     * those that wait for a probe is drawn as often as an eligible one would be, as long as the budget lasts; so they are few
     * where the others are many, and no request goes where none would go anyway. Takes the same time however many wait.
     *
     * @param group where the request goes, from {@link #route(RandomGenerator)}
     * @param possible whether the request can go there; where it cannot, the turn is left to others
     */
    public @Nullable Candidate takeProbe(int group, RandomGenerator random, Predicate<? super Candidate> possible) {
        Candidate drawn = drawProbe(group, random);
        return drawn != null && possible.test(drawn) && ejection.tryProbe(drawn, budget) ? drawn : null;
    }

    /** Returns what {@link #takeProbe} would return for one draw now, and leaves it to others. */
    public @Nullable Candidate dueProbe(int group, RandomGenerator random, Predicate<? super Candidate> possible) {
        Candidate drawn = drawProbe(group, random);
        return drawn != null && possible.test(drawn) && ejection.isProbeDue(drawn) ? drawn : null;
    }

    /**
     * Returns the ready endpoints that are in no group, for a request that can go to nobody in the groups: those of other priorities
     * and zones, and those that are left out. The best come first; within one rank no order is meant. Takes time in proportion
     * to the number of endpoints when it is first called, and none later.
     */
    public List<List<Candidate>> reserve() {
        return reserve.ranks();
    }

    private @Nullable Candidate drawProbe(int group, RandomGenerator random) {
        Candidate[] waiting = probes[group];
        if (waiting.length == 0 || !budget.hasRoom()) {
            return null;
        }
        int others = groups.get(group).size();
        if (hurrying) {
            others = Math.min(others, (ONE_IN - 1) * waiting.length);
        }
        int draw = random.nextInt(waiting.length + others);
        return draw < waiting.length ? waiting[draw] : null;
    }

    /** Returns the number of endpoints that this client uses, ready or not. */
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

    /** Returns how often endpoints of the cluster have been ejected by now, or ejected again by their probe. */
    public long ejections() {
        return ejection.total();
    }

    /** Returns whether ejection is ignored, because too few of the ready endpoints are trusted. */
    public boolean isPanic() {
        return panic;
    }

    /** Returns those that may not be picked, each with the reason. */
    public List<Exclusion> exclusions() {
        return exclusions;
    }

    /**
     * One priority.
     *
     * @param priority its number
     * @param share of all requests, above 0
     * @param all the group of all its candidates, used where zones are not looked at
     * @param why why zones are not looked at; of no use where they are
     * @param zones how it is divided among zones, null where it is not
     */
    record Level(
            int priority,
            double share,
            int all,
            Why why,
            @Nullable ZoneSplit zones) {
        int route(RandomGenerator random, @Nullable Consumer<Routing> observer) {
            if (zones != null) {
                return zones.route(random, observer == null ? null : zone -> observer.accept(routing(zone)));
            }
            if (observer != null) {
                observer.accept(new Routing(priority, share, why, null));
            }
            return all;
        }

        private Routing routing(ZoneSplit.Choice zone) {
            return new Routing(priority, share, zone.why(), zone.shares());
        }
    }
}
