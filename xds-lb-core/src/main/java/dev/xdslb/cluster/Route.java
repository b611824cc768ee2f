/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
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
    /** How often the strategy is asked again before every candidate is looked at. */
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

    /** Returns whether any of those that may be picked fulfils a condition. */
    boolean hasAny(Predicate<Endpoint> condition) {
        for (Pool group : plan.groups()) {
            for (int i = 0; i < group.size(); i++) {
                if (condition.test(group.get(i).endpoint())) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Picks a candidate; not to be called where it {@link #isEmpty()}. Returns null where all are at their limit. */
    @Nullable
    Candidate pick(RequestAttributes request, RandomGenerator random) {
        int group = pickers.length == 1 ? 0 : plan.route(strategy.groupDraws(request, random));
        if (plan.isProbing() && request.tellsOutcome()) {
            Candidate probe = plan.takeProbe(group, random);
            if (probe != null) {
                return probe;
            }
        }
        Candidate picked = pickers[group].pick(request);
        return hasRoom(picked) ? picked : another(group, pickers[group], request, random);
    }

    /** Picks as {@link #pick(RequestAttributes, RandomGenerator)} does, and writes down what it looked at. */
    @Nullable
    Candidate pick(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        int group = group(request, random, trace);
        if (plan.isProbing() && request.tellsOutcome()) {
            Candidate probe = plan.takeProbe(group, random);
            if (probe != null) {
                return probe;
            }
        }
        return pick(group, pickers[group], request, random, trace);
    }

    /**
     * Does what a pick would do now, without taking a probe's turn or a candidate's. It asks a new picker: one that counts its
     * picks must not count this one.
     */
    @Nullable
    Candidate preview(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        int group = group(request, random, trace);
        if (plan.isProbing() && request.tellsOutcome()) {
            Candidate probe = plan.dueProbe(group, random);
            if (probe != null) {
                return probe;
            }
        }
        return pick(group, strategy.picker(plan.groups().get(group).lookingAhead()), request, random, trace);
    }

    private @Nullable Candidate pick(
            int group, Picker picker, RequestAttributes request, RandomGenerator random, PickTrace trace) {
        Candidate picked = picker.pick(request, trace);
        if (hasRoom(picked)) {
            return picked;
        }
        trace.passedOver(picked, "at its maximum of " + maxInFlight + " requests in flight");
        return another(group, picker, request, random);
    }

    /**
     * Looks for a candidate below its limit: a few more picks, which keep to the strategy, then all candidates in turn from a
     * random one on, those of the group first. Takes long only where nearly all are at their limit.
     */
    private @Nullable Candidate another(int group, Picker picker, RequestAttributes request, RandomGenerator random) {
        for (int i = 0; i < MORE_PICKS; i++) {
            Candidate picked = picker.pick(request);
            if (hasRoom(picked)) {
                return picked;
            }
        }
        List<Pool> groups = plan.groups();
        RandomGenerator draws = strategy.groupDraws(request, random);
        for (int g = 0; g < groups.size(); g++) {
            Pool pool = groups.get((group + g) % groups.size());
            int first = draws.nextInt(pool.size());
            for (int i = 0; i < pool.size(); i++) {
                Candidate candidate = pool.get((first + i) % pool.size());
                if (hasRoom(candidate)) {
                    return candidate;
                }
            }
        }
        return null;
    }

    /** A strategy may be anybody's code: a pick of null would pass for one that found everybody at the limit. */
    private boolean hasRoom(Candidate candidate) {
        requireNonNull(candidate, "the picker returned null (expected: a candidate of its pool)");
        return maxInFlight == 0 || candidate.load().inFlight() < maxInFlight;
    }

    private int group(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        return plan.route(strategy.groupDraws(request, random), trace::routed);
    }
}
