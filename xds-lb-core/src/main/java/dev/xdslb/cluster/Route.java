/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Plan;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/** A plan with the picker that the strategy made for each of its groups. Immutable; read by every pick. */
final class Route {
    private final Plan plan;
    private final LoadBalancingStrategy strategy;
    private final Picker[] pickers; // 1:1 with plan.groups()

    Route(Plan plan, LoadBalancingStrategy strategy) {
        this.plan = plan;
        this.strategy = strategy;
        this.pickers = plan.groups().stream().map(strategy::picker).toArray(Picker[]::new);
    }

    Plan plan() {
        return plan;
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

    /** Picks a candidate; not to be called where it {@link #isEmpty()}. */
    Candidate pick(RequestAttributes request, RandomGenerator random) {
        Candidate probe = plan.takeProbe();
        if (probe != null) {
            return probe;
        }
        int group = pickers.length == 1 ? 0 : plan.route(strategy.groupDraws(request, random));
        return pickers[group].pick(request);
    }

    /** Picks as {@link #pick(RequestAttributes, RandomGenerator)} does, and writes down what it looked at. */
    Candidate pick(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        Candidate probe = plan.takeProbe();
        return probe != null ? probe : pickers[group(request, random, trace)].pick(request, trace);
    }

    /**
     * Does what a pick would do now, without taking a probe's turn. It asks a new picker: one that counts its picks must not
     * count this one.
     */
    Candidate preview(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        Candidate probe = plan.dueProbe();
        return probe != null
                ? probe
                : strategy.picker(plan.groups().get(group(request, random, trace)))
                        .pick(request, trace);
    }

    private int group(RequestAttributes request, RandomGenerator random, PickTrace trace) {
        return plan.route(strategy.groupDraws(request, random), trace::routed);
    }
}
