/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientSubset;
import dev.xdslb.policy.Member;
import dev.xdslb.policy.Plan;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKeyException;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * What every pick of a cluster reads: one state of it, with the picker that the strategy made for that state. Immutable
 * and replaced whole; a caller takes {@link Cluster#picker()} anew for each request.
 */
@API(status = API.Status.STABLE)
public final class ClusterPicker {
    private final Cluster cluster;
    private final ClusterStatus status;
    private final MemberTable members;
    private final Route all;
    private final @Nullable SubsetRoutes subsets; // null where requests are not routed by a label
    private final @Nullable PickSamples samples; // null where picks are not sampled
    private final ConcurrentHashMap<Object, Object> derived = new ConcurrentHashMap<>(2); // by owner

    ClusterPicker(Cluster cluster, ClusterStatus status, MemberTable members, @Nullable PickSamples samples) {
        this(cluster, status, members, samples, endpoint -> true);
    }

    private ClusterPicker(
            Cluster cluster,
            ClusterStatus status,
            MemberTable members,
            @Nullable PickSamples samples,
            Predicate<Endpoint> usable) {
        this.cluster = cluster;
        this.status = status;
        this.members = members;
        this.samples = samples;
        this.all = cluster.route(members.all(), usable);
        SubsetSettings settings = cluster.settings().subset();
        this.subsets = settings == null
                ? null
                : new SubsetRoutes(settings, members, all, subset -> cluster.route(subset, usable));
    }

    /** Returns where the endpoints come from. */
    public ClusterStatus status() {
        return status;
    }

    /** Returns who may be picked by a request that may go anywhere: subsets are not looked at. */
    @API(status = API.Status.INTERNAL)
    public Plan plan() {
        return all.plan();
    }

    /**
     * Picks an endpoint, and none that the request has {@linkplain RequestAttributes#tried() tried} where another can be had:
     * before one of those comes even one that is left out. Counts nothing: pass the candidate to {@link Cluster#lease} when a
     * request is sent.
     *
     * @throws NoEndpointException when there is none
     * @throws LimitExceededException when no more requests may be in flight
     * @throws StrategyException when the cluster's strategy fails
     */
    public Candidate pick(RequestAttributes request) {
        cluster.markUsed();
        Collection<EndpointKey> tried = request.tried();
        Attempt attempt = tried.isEmpty() ? Attempt.ANYWHERE : new Attempt(tried, null, null);
        return requireNonNull(pick(request, attempt), "picked");
    }

    /**
     * Picks an endpoint for a caller that can use only some of them, from the same plan: who is usable may change from pick to
     * pick, and nothing is made anew. Where none of those is usable that may be picked, one that is left out is, or
     * is of another priority or zone.
     *
     * @param usable asked about few endpoints where most are usable, and about all where none is
     * @return null where the request could go to some endpoint, and to none that is usable
     * @throws NoEndpointException when there is none, whoever asks
     * @throws LimitExceededException when no more requests may be in flight
     */
    public @Nullable Candidate pick(RequestAttributes request, Predicate<Endpoint> usable) {
        cluster.markUsed();
        return pick(request, new Attempt(request.tried(), usable, null));
    }

    /**
     * Picks like {@link #pick(RequestAttributes, Predicate)} for a caller that will be able to use some more endpoints soon. Where
     * only such endpoints are left of those that may be picked, it is given one of them, and is to wait: a request for a
     * subset is not to go to another one meanwhile, and none to an endpoint that is left out.
     *
     * @param awaited whether the caller waits for an endpoint that is not usable yet
     * @return null where the request could go to some endpoint, and to none that is usable or awaited
     */
    public @Nullable Candidate pick(
            RequestAttributes request, Predicate<Endpoint> usable, Predicate<Endpoint> awaited) {
        cluster.markUsed();
        return pick(request, new Attempt(request.tried(), usable, awaited));
    }

    /** Returns why a pick for this request returned null: the caller can use none of those endpoints that the request could go to. */
    public NoEndpointException noneUsableFor(RequestAttributes request) {
        String why = subsets == null
                ? "none of its " + all.plan().known() + " endpoints is among those that the caller can use"
                : subsets.whyNone(request);
        return new NoEndpointException(cluster.resource(), status, why);
    }

    /** Returns every endpoint of this state that this client uses, ready or not. */
    public List<Endpoint> endpoints() {
        return members.all().stream().map(Member::endpoint).toList();
    }

    /** Returns which of the service's endpoints those are. */
    @API(status = API.Status.INTERNAL)
    public ClientSubset clientSubset() {
        return members.clientSubset();
    }

    /** Returns the same with what is measured, for those who show it. */
    @API(status = API.Status.INTERNAL)
    public List<Member> members() {
        return members.all();
    }

    /** Returns what has become of the cluster's requests. Takes time in proportion to the number of endpoints. */
    @API(status = API.Status.INTERNAL)
    public RequestTotals totals() {
        return members.tally().totals();
    }

    RequestTally tally() {
        return members.tally();
    }

    /** Returns whether a picker of the same cluster is of the same endpoints, as far as it was told and not as they are measured. */
    public boolean hasSameEndpoints(ClusterPicker other) {
        return members == other.members;
    }

    /**
     * Returns whether a request could go to an endpoint that fulfils a condition, be it left out, limits apart. Takes time in proportion
     * to the number of endpoints.
     */
    public boolean hasEndpointFor(RequestAttributes request, Predicate<Endpoint> usable) {
        Route route = routeOf(request);
        if (route == null) {
            return false;
        }
        Attempt attempt = new Attempt(List.of(), usable, null);
        if (route.hasAny(attempt)) {
            return true;
        }
        Route other = subsets == null ? null : subsets.otherThan(route);
        return other != null && other.hasAny(attempt);
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
        return explanations().explain(request);
    }

    /**
     * Returns a picker of the same state for a caller that can use only some of the endpoints. Costs time in proportion to
     * the number of endpoints: keep it for as long as the cluster publishes no other picker and the condition stays.
     *
     * @param usable asked now and by later picks, from any thread; its answers must not change
     */
    public ClusterPicker restrictedTo(Predicate<Endpoint> usable) {
        return new ClusterPicker(cluster, status, members, samples, usable);
    }

    /**
     * Returns what somebody has made of this picker: it is made once, and gone with the picker.
     *
     * @param owner whose it is; few, because each is kept as long as the picker
     * @param maker makes it; where two threads come first, both make one, and the first one's stays
     */
    @API(status = API.Status.INTERNAL)
    @SuppressWarnings("unchecked") // an owner makes one type
    public <T> T derived(Object owner, Function<ClusterPicker, T> maker) {
        Object known = derived.get(owner);
        if (known == null) {
            Object made = requireNonNull(maker.apply(this), "made");
            Object first = derived.putIfAbsent(owner, made);
            known = first == null ? made : first;
        }
        return (T) known;
    }

    /** Returns the route of a request, which is not empty; null where there is none. */
    @Nullable
    Route routeOf(RequestAttributes request) {
        Route route = subsets == null ? all : subsets.of(request);
        return route == null || route.isEmpty() ? null : route;
    }

    private @Nullable Candidate pick(RequestAttributes request, Attempt attempt) {
        try {
            return samples != null && samples.isDue()
                    ? sampled(request, attempt, samples)
                    : pick(request, attempt, null);
        } catch (RuntimeException e) {
            members.tally().pickFailed(e);
            throw e;
        }
    }

    /** Picks; returns null only where the attempt's caller can use none. */
    @Nullable
    Candidate pick(RequestAttributes request, Attempt attempt, @Nullable PickTrace trace) {
        Route route = routeOf(request);
        if (route == null) {
            throw noEndpointFor(request);
        }
        cluster.requests().checkLimit(status);
        Candidate picked = pick(route, request, attempt, trace);
        if (picked == null && !attempt.tried().isEmpty()) {
            picked = pick(route, request, attempt.withoutTried(), trace);
        }
        if (picked == null && (attempt.usable() == null || route.hasAny(attempt.withoutTried()))) {
            throw allAtTheirLimit(route);
        }
        return picked;
    }

    private @Nullable Candidate pick(
            Route route, RequestAttributes request, Attempt attempt, @Nullable PickTrace trace) {
        Candidate picked = ask(route, request, attempt, trace);
        if (picked != null || subsets == null || route.hasAny(attempt)) {
            return picked;
        }
        Route other = subsets.otherThan(route);
        return other == null ? null : ask(other, request, attempt, trace);
    }

    /** A strategy is anybody's code: whatever it fails with, the request learns whose fault it is. */
    private @Nullable Candidate ask(
            Route route, RequestAttributes request, Attempt attempt, @Nullable PickTrace trace) {
        try {
            return route.pick(request, attempt, cluster.random(), trace);
        } catch (StrategyException | RequestKeyException e) { // no picker was made, which is counted; or a key failed
            throw e;
        } catch (Throwable e) {
            throw cluster.pickFailed(e);
        }
    }

    private @Nullable Candidate sampled(RequestAttributes request, Attempt attempt, PickSamples samples) {
        PickTrace trace = new PickTrace(false);
        Candidate picked = null;
        String failure = "";
        try {
            picked = pick(request, attempt, trace);
            return picked;
        } catch (RuntimeException e) { // a strategy's too
            failure = String.valueOf(e.getMessage());
            throw e;
        } finally {
            samples.add(explanations().sample(request, attempt, trace, picked, failure));
        }
    }

    private PickExplanations explanations() {
        return new PickExplanations(this, cluster, subsets);
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
