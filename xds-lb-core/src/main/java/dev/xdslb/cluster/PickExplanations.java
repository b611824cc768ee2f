/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKeyException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Makes explanations of one picker's picks: of those that were sampled, and of one that is only asked about. */
final class PickExplanations {
    private final ClusterPicker picker;
    private final Cluster cluster;
    private final @Nullable SubsetRoutes subsets; // null where requests are not routed by a label

    PickExplanations(ClusterPicker picker, Cluster cluster, @Nullable SubsetRoutes subsets) {
        this.picker = picker;
        this.cluster = cluster;
        this.subsets = subsets;
    }

    /** Explains what a pick would do now, and changes nothing. */
    PickExplanation explain(RequestAttributes request) {
        Route route = picker.routeOf(request);
        Attempt attempt = new Attempt(request.tried(), null, null);
        PickTrace trace = new PickTrace(true);
        Candidate picked = null;
        String failure = "";
        try {
            picked = picker.pick(request, attempt, trace);
        } catch (NoEndpointException | StrategyException | RequestKeyException e) {
            failure = String.valueOf(e.getMessage());
        }
        Plan plan = route == null ? picker.plan() : route.plan();
        SubsetChoice choice = subsets == null ? null : subsets.choice(request);
        List<Exclusion> excluded = new ArrayList<>(plan.exclusions());
        if (subsets != null && choice != null) {
            excluded.addAll(subsets.excludedBy(choice));
        }
        for (Endpoint endpoint : picker.clientSubset().outside()) { // last: they are many, and the least interesting
            excluded.add(new Exclusion(endpoint, Reason.OUTSIDE_CLIENT_SUBSET, null));
        }
        return explanation(plan, choice, trace, picked, failure, plan.eligible(), excluded);
    }

    /** Explains a pick that was made. */
    PickExplanation sample(
            RequestAttributes request, Attempt attempt, PickTrace trace, @Nullable Candidate picked, String failure) {
        Route route = picker.routeOf(request);
        Plan plan = route == null ? picker.plan() : route.plan();
        SubsetChoice choice = subsets == null ? null : subsets.choice(request);
        List<Exclusion> excluded = new ArrayList<>(plan.exclusions());
        int eligible = plan.eligible();
        if (attempt.usable() != null) {
            List<Exclusion> unusable = unusable(plan, attempt.usable());
            eligible -= unusable.size();
            excluded.addAll(unusable);
        }
        if (picked == null && failure.isEmpty()) {
            return explanation(
                    plan, choice, trace, null, "the caller can use none of the endpoints", eligible, excluded);
        }
        if (picked != null && attempt.awaits(picked) && !attempt.test(picked)) {
            String awaits =
                    "the caller waits until it can use " + picked.endpoint().address();
            return explanation(plan, choice, trace, null, awaits, eligible, excluded);
        }
        return explanation(plan, choice, trace, picked, failure, eligible, excluded);
    }

    private static List<Exclusion> unusable(Plan plan, Predicate<Endpoint> usable) {
        return plan.groups().stream()
                .flatMap(group -> IntStream.range(0, group.size()).mapToObj(group::get))
                .map(Candidate::endpoint)
                .distinct() // a candidate may be in several groups
                .filter(endpoint -> !usable.test(endpoint))
                .map(endpoint -> new Exclusion(endpoint, Reason.UNUSABLE_FOR_CALLER, null))
                .toList();
    }

    private PickExplanation explanation(
            Plan plan,
            @Nullable SubsetChoice choice,
            PickTrace trace,
            @Nullable Candidate picked,
            String failure,
            int eligible,
            List<Exclusion> excluded) {
        return new PickExplanation(
                cluster.resource(),
                cluster.now(),
                picker.status(),
                cluster.settings().strategyName(),
                cluster.overrides().strategyUntil(),
                picked == null ? null : picked.endpoint(),
                picked != null && picked.isProbe(),
                failure,
                choice,
                trace.routing(),
                plan.isPanic(),
                eligible,
                trace.drawn(picked),
                excluded);
    }
}
