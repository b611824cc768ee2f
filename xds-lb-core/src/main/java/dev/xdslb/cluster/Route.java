/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Plan;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.util.List;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A plan with the picker that the strategy made for each of its groups. Immutable; read by every pick. */
final class Route {
    /** How often the strategy is asked again before all candidates are looked at. */
    private static final int MORE_PICKS = 4;

    private final Plan plan;
    private final LoadBalancingStrategy strategy;
    private final Picker[] pickers; // 1:1 with plan.groups()
    private final int maxInFlight; // to each candidate, 0 for no limit

    Route(Plan plan, LoadBalancingStrategy strategy, int maxInFlight) {
        this.plan = plan;
        this.strategy = strategy;
        this.maxInFlight = maxInFlight;
        this.pickers = plan.groups().stream().map(strategy::picker).toArray(Picker[]::new);
    }

    Plan plan() {
        return plan;
    }

    /** Returns whether the strategy made no picker. */
    boolean isFailing() {
        return strategy instanceof FailedStrategy && !isEmpty();
    }

    /** Returns whether nobody can be picked. */
    boolean isEmpty() {
        return pickers.length == 0;
    }

    /** Returns whether an attempt could go to any of those that may be picked, or that are left out, limits apart. */
    boolean hasAny(Attempt attempt) {
        for (Pool group : plan.groups()) {
            for (int i = 0; i < group.size(); i++) {
                if (attempt.test(group.get(i))) {
                    return true;
                }
            }
        }
        return !attempt.isAnywhere()
                && plan.reserve().stream().anyMatch(rank -> rank.stream().anyMatch(attempt));
    }

    /**
     * Picks a candidate; not to be called where the route {@link #isEmpty()}. Returns one that the attempt can only wait for where
     * it can go to nobody who may be picked; and one that is left out where there is nobody to wait for either.
     *
     * @param trace told what is looked at; null where nobody wants to know
     * @return null where there is none, or all are at their limit
     */
    @Nullable
    Candidate pick(RequestAttributes request, Attempt attempt, RandomGenerator random, @Nullable PickTrace trace) {
        int group = group(request, random, trace);
        boolean preview = trace != null && trace.isPreview();
        if (plan.isProbing() && request.tellsOutcome()) {
            Candidate probe = preview ? plan.dueProbe(group, random, attempt) : plan.takeProbe(group, random, attempt);
            if (probe != null) {
                return probe;
            }
        }
        Picker picker = preview ? lookingAhead(group) : pickers[group];
        Candidate picked = trace == null ? picker.pick(request) : picker.pick(request, trace);
        if (fits(picked, attempt)) {
            return picked;
        }
        tell(trace, picked, attempt);
        Candidate again = pickAgain(picker, picked, request, attempt, trace);
        return again == null ? scan(group, request, attempt, random) : again;
    }

    /** A picker that counts its picks must not count those that are only explained. */
    private Picker lookingAhead(int group) {
        return strategy.picker(plan.groups().get(group).lookingAhead());
    }

    private int group(RequestAttributes request, RandomGenerator random, @Nullable PickTrace trace) {
        if (trace != null) {
            return plan.route(strategy.groupDraws(request, random), trace::routed);
        }
        return pickers.length == 1 ? 0 : plan.route(strategy.groupDraws(request, random));
    }

    /** Asks a few more times, which keeps to the strategy; not where it says the same again, because of the request's key, say. */
    private @Nullable Candidate pickAgain(
            Picker picker, Candidate first, RequestAttributes request, Attempt attempt, @Nullable PickTrace trace) {
        Candidate before = first;
        for (int i = 0; i < MORE_PICKS; i++) {
            Candidate picked = trace == null ? picker.pick(request) : picker.pick(request, trace);
            if (fits(picked, attempt)) {
                return picked;
            }
            if (picked == before) {
                return null;
            }
            tell(trace, picked, attempt);
            before = picked;
        }
        return null;
    }

    /** Looks at all candidates, those of the group first. Takes long only where nearly none fits. */
    private @Nullable Candidate scan(int group, RequestAttributes request, Attempt attempt, RandomGenerator random) {
        RandomGenerator draws = strategy.groupDraws(request, random);
        Scan scan = new Scan(attempt, maxInFlight, draws, draws != random);
        List<Pool> groups = plan.groups();
        for (int g = 0; g < groups.size(); g++) {
            Pool pool = groups.get((group + g) % groups.size());
            Candidate found = scan.of(pool.size(), pool::get);
            if (found != null) {
                return found;
            }
        }
        if (scan.awaited() != null || scan.hasFull() || attempt.isAnywhere()) {
            return scan.awaited();
        }
        for (List<Candidate> rank : plan.reserve()) {
            Candidate found = scan.of(rank.size(), rank::get);
            if (found != null) {
                return found;
            }
        }
        return null;
    }

    /** A strategy may be anybody's code: a pick of null would pass for one that found everybody at the limit. */
    private boolean fits(Candidate candidate, Attempt attempt) {
        requireNonNull(candidate, "the picker returned null (expected: a candidate of its pool)");
        return (maxInFlight == 0 || candidate.endpointLoad().inFlight() < maxInFlight) && attempt.test(candidate);
    }

    private void tell(@Nullable PickTrace trace, Candidate candidate, Attempt attempt) {
        if (trace == null) {
            return;
        }
        String why;
        if (attempt.isTried(candidate)) {
            why = "an earlier attempt of this request went there";
        } else if (attempt.test(candidate)) {
            why = "at its maximum of " + maxInFlight + " requests in flight";
        } else {
            why = "the caller cannot use it";
        }
        trace.passedOver(candidate, why);
    }
}
