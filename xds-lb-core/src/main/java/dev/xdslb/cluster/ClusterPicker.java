/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.RequestAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What every pick of a cluster reads: one state of it, with the picker that the strategy made for that state. Immutable
 * and replaced whole; a caller takes {@link Cluster#picker()} anew for each request.
 */
public final class ClusterPicker {
    private final Cluster cluster;
    private final ClusterStatus status;
    private final MemberTable members;
    private final Route all;
    private final @Nullable SubsetRoutes subsets; // null where requests are not routed by a label
    private final @Nullable PickSamples samples; // null where picks are not sampled

    ClusterPicker(Cluster cluster, ClusterStatus status, MemberTable members, @Nullable PickSamples samples) {
        this(cluster, status, members, samples, endpoint -> true, null);
    }

    private ClusterPicker(
            Cluster cluster,
            ClusterStatus status,
            MemberTable members,
            @Nullable PickSamples samples,
            Predicate<Endpoint> usable,
            @Nullable Predicate<Endpoint> awaited) {
        this.cluster = cluster;
        this.status = status;
        this.members = members;
        this.samples = samples;
        this.all = cluster.route(members.all(), usable);
        SubsetSettings settings = cluster.settings().subset();
        this.subsets = settings == null
                ? null
                : new SubsetRoutes(settings, members, all, subset -> route(subset, usable, awaited));
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return status;
    }

    /** Returns who may be picked by a request that may go anywhere: subsets are not looked at. */
    public Plan plan() {
        return all.plan();
    }

    /**
     * Picks an endpoint. Counts nothing: pass the candidate to {@link Cluster#lease} when a request is sent.
     *
     * @throws NoEndpointException when there is none
     * @throws LimitExceededException when no more requests may be in flight
     */
    public Candidate pick(RequestAttributes request) {
        cluster.markUsed();
        if (samples != null && samples.isDue()) {
            return sampled(request, samples);
        }
        Route route = routeOf(request);
        if (route == null) {
            throw noEndpointFor(request);
        }
        cluster.requests().checkLimit(status);
        Candidate picked = route.pick(request, cluster.random());
        if (picked == null) {
            throw allAtTheirLimit(route);
        }
        return picked;
    }

    /** Returns whether the strategy failed to make it, so that picks of requests that may go anywhere fail. */
    boolean isFailing() {
        return all.isFailing();
    }

    /** Returns whether {@link #pick} would find an endpoint for a request. */
    public boolean hasEndpointFor(RequestAttributes request) {
        return routeOf(request) != null;
    }

    /**
     * Explains what a pick for this request would do now. Nothing is changed by it: no probe's turn is taken and nothing is
     * counted. What is left to chance may turn out differently in the next pick. A strategy that goes in turn says whose turn
     * is next, where it takes its turns from the pool; else where a new picker would begin. Takes time in proportion to the
     * number of endpoints.
     */
    public PickExplanation explain(RequestAttributes request) {
        Route route = routeOf(request);
        PickTrace trace = new PickTrace();
        Candidate picked = null;
        String failure = "";
        if (route == null) {
            failure = String.valueOf(noEndpointFor(request).getMessage());
        } else {
            try {
                cluster.requests().checkLimit(status);
                picked = route.preview(request, cluster.random(), trace);
                failure = picked == null ? String.valueOf(allAtTheirLimit(route).getMessage()) : "";
            } catch (LimitExceededException e) {
                failure = String.valueOf(e.getMessage());
            }
        }
        Plan plan = route == null ? all.plan() : route.plan();
        SubsetChoice choice = subsets == null ? null : subsets.choice(request);
        List<Exclusion> excluded = new ArrayList<>(plan.exclusions());
        if (subsets != null && choice != null) {
            excluded.addAll(subsets.excludedBy(choice));
        }
        return explanation(plan, choice, trace, picked, failure, excluded);
    }

    /**
     * Returns a picker of the same state for a caller that can use only some of the endpoints. Costs time in proportion to
     * the number of endpoints: keep it for as long as the cluster publishes no other picker and the condition stays.
     *
     * @param usable asked now and by later picks, from any thread; its answers must not change
     */
    public ClusterPicker restrictedTo(Predicate<Endpoint> usable) {
        return new ClusterPicker(cluster, status, members, samples, usable, null);
    }

    /**
     * Returns a picker like {@link #restrictedTo(Predicate)} for a caller that will be able to use some more endpoints soon. A
     * request for a subset, of which only such endpoints are eligible, is given one of them instead of failing or going to
     * another subset; the caller is to wait.
     *
     * @param usable asked now and by later picks, from any thread; its answers must not change
     * @param awaited the same for those that it will be able to use
     */
    public ClusterPicker restrictedTo(Predicate<Endpoint> usable, Predicate<Endpoint> awaited) {
        return new ClusterPicker(cluster, status, members, samples, usable, awaited);
    }

    private @Nullable Route routeOf(RequestAttributes request) {
        Route route = subsets == null ? all : subsets.of(request);
        return route == null || route.isEmpty() ? null : route;
    }

    private Candidate sampled(RequestAttributes request, PickSamples samples) {
        Route route = routeOf(request);
        PickTrace trace = new PickTrace();
        Candidate picked = null;
        String failure = "";
        try {
            if (route == null) {
                throw noEndpointFor(request);
            }
            cluster.requests().checkLimit(status);
            picked = route.pick(request, cluster.random(), trace);
            if (picked == null) {
                throw allAtTheirLimit(route);
            }
            return picked;
        } catch (RuntimeException e) { // a strategy's too
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            Plan plan = route == null ? all.plan() : route.plan();
            SubsetChoice choice = subsets == null ? null : subsets.choice(request);
            samples.add(explanation(plan, choice, trace, picked, failure, plan.exclusions()));
        }
    }

    private PickExplanation explanation(
            Plan plan,
            @Nullable SubsetChoice choice,
            PickTrace trace,
            @Nullable Candidate picked,
            String failure,
            List<Exclusion> excluded) {
        return new PickExplanation(
                cluster.resource(),
                cluster.now(),
                status,
                cluster.settings().strategy().name(),
                picked == null ? null : picked.endpoint(),
                picked != null && picked.isProbe(),
                failure,
                choice,
                trace.routing(),
                plan.isPanic(),
                plan.eligible(),
                trace.drawn(picked),
                excluded);
    }

    private Route route(List<Member> subset, Predicate<Endpoint> usable, @Nullable Predicate<Endpoint> awaited) {
        if (awaited != null) {
            Route both = cluster.route(subset, usable.or(awaited));
            if (!both.isEmpty() && !both.hasAny(usable)) {
                return both;
            }
        }
        return cluster.route(subset, usable);
    }

    private LimitExceededException allAtTheirLimit(Route route) {
        return LimitExceededException.ofEndpoints(
                cluster.resource(),
                status,
                route.plan().eligible(),
                cluster.settings().policy().limits().maxInFlightPerEndpoint());
    }

    private NoEndpointException noEndpointFor(RequestAttributes request) {
        String why = subsets == null || all.isEmpty() ? whyEmpty() : subsets.whyNone(request);
        return new NoEndpointException(cluster.resource(), status, why);
    }

    private String whyEmpty() {
        if (!status.reason().isEmpty()) {
            return status.reason();
        }
        Plan plan = all.plan();
        if (plan.known() == 0) {
            return "the service has no endpoints (scaled to zero?)";
        }
        if (plan.ejected() > 0) {
            return "of " + plan.known() + " endpoints none can be used, " + plan.ejected() + " of them failed and "
                    + "are left out for a while";
        }
        return "of " + plan.known() + " endpoints none is ready";
    }
}
