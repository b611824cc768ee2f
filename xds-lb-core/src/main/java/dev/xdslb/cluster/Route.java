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
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** A plan with the picker that the strategy made for each of its groups. Immutable; read by every pick. */
final class Route {
    private final Plan plan;
    private final LoadBalancingStrategy strategy;
    private final Picker[] pickers; // 1:1 with plan.groups()
    private final int maxInFlight; // to each candidate, 0 for no limit

    /**
     * Makes a route.
     *
     * @param pickers the strategy's, 1:1 with the plan's groups; not changed any more
     */
    Route(Plan plan, LoadBalancingStrategy strategy, Picker[] pickers, int maxInFlight) {
        this.plan = plan;
        this.strategy = strategy;
        this.pickers = pickers;
        this.maxInFlight = maxInFlight;
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
        if (attempt.isAnywhere()) {
            Candidate picked = trace == null ? picker.pick(request) : picker.pick(request, trace);
            requireNonNull(picked, "the picker returned null (expected: a candidate of its pool)");
            if (hasRoom(picked)) {
                return picked;
            }
            tell(trace, picked, attempt);
        }
        Candidate fitting = picker.pickFitting(request, fitting(attempt, trace), trace);
        return fitting == null ? scan(group, request, attempt, random) : fitting;
    }

    /** Nothing is made where there is nothing to add. */
    private Predicate<Candidate> fitting(Attempt attempt, @Nullable PickTrace trace) {
        if (trace == null) {
            return maxInFlight == 0 ? attempt : candidate -> fits(candidate, attempt);
        }
        return candidate -> {
            boolean fits = fits(candidate, attempt);
            if (!fits) {
                tell(trace, candidate, attempt);
            }
            return fits;
        };
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

    private boolean fits(Candidate candidate, Attempt attempt) {
        return hasRoom(candidate) && attempt.test(candidate);
    }

    private boolean hasRoom(Candidate candidate) {
        return maxInFlight == 0 || candidate.endpointLoad().inFlight() < maxInFlight;
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
