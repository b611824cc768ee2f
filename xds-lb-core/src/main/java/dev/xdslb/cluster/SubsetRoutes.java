/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.SubsetChoice.Way;
import dev.xdslb.cluster.SubsetSettings.IfNoneMatches;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.Member;
import dev.xdslb.strategy.RequestAttributes;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One state of a cluster, with a route for each value of the label that requests are routed by. A pick costs one lookup
 * more than without.
 *
 * <p>A route is made by the first request that asks for it: most publications of a cluster with a thousand shards are
 * followed by the next before every shard was asked for, and a retry that leaves one endpoint out needs one route only.
 * Of two threads that come first both make one, and the first one's stays. What is made never changes.
 */
final class SubsetRoutes {
    /** How many of the values that exist an error message names. */
    private static final int MAX_NAMED = 10;

    private final SubsetSettings settings;
    private final MemberTable members;
    private final Route all;
    private final Function<List<Member>, Route> maker;
    private final ConcurrentHashMap<String, Route> routes = new ConcurrentHashMap<>();
    private @Nullable String existing; // made by the first request that fails; all make the same

    /**
     * Makes the routes of one state.
     *
     * @param all the route over all endpoints
     * @param maker makes the route over some members, from any thread
     */
    SubsetRoutes(SubsetSettings settings, MemberTable members, Route all, Function<List<Member>, Route> maker) {
        this.settings = settings;
        this.members = members;
        this.all = all;
        this.maker = maker;
    }

    /** Returns the route of a request, which is not empty; null where there is none. */
    @Nullable
    Route of(RequestAttributes request) {
        String asked = settings.asked(request);
        Route route = asked == null ? null : route(asked);
        if (route != null) {
            return route;
        }
        return otherwise();
    }

    private @Nullable Route otherwise() {
        return switch (settings.ifNoneMatches()) {
            case ANY -> all.isEmpty() ? null : all;
            case FAIL -> null;
            case USE -> route(settings.useValue());
        };
    }

    /**
     * Returns where a request goes whose own route has nobody for it, as it would if nobody had the value that it asks for.
     *
     * @param own what {@link #of} returned
     * @return null where that is nowhere else
     */
    @Nullable
    Route otherThan(Route own) {
        Route other = otherwise();
        return other == own ? null : other;
    }

    /** Returns what {@link #of} did for a request. */
    SubsetChoice choice(RequestAttributes request) {
        String asked = settings.asked(request);
        String from = settings.from().toString();
        if (asked != null && route(asked) != null) {
            return new SubsetChoice(settings.label(), from, asked, Way.ASKED, asked);
        }
        if (of(request) == null) {
            return new SubsetChoice(settings.label(), from, asked, Way.NONE, "");
        }
        Way way = settings.ifNoneMatches() == IfNoneMatches.ANY ? Way.ANY : Way.OTHER_VALUE;
        return new SubsetChoice(settings.label(), from, asked, way, settings.useValue());
    }

    /** Returns the endpoints that a choice leaves out. */
    List<Exclusion> excludedBy(SubsetChoice choice) {
        if (choice.used().isEmpty()) {
            return List.of();
        }
        return members.all().stream()
                .map(Member::endpoint)
                .filter(endpoint -> !settings.valueOf(endpoint).equals(choice.used()))
                .map(endpoint -> new Exclusion(endpoint, Reason.OTHER_SUBSET, null))
                .toList();
    }

    /** Says why a request has no route although there are endpoints that may be picked. */
    String whyNone(RequestAttributes request) {
        String label = settings.label();
        String asked = settings.asked(request);
        String why = asked == null
                ? "the request does not say which " + label + " it asks for (" + settings.from() + " has no value)"
                : "the request asks for " + label + '=' + asked + " (from " + settings.from() + "), and "
                        + whyNone(asked);
        if (settings.ifNoneMatches() == IfNoneMatches.USE) {
            why += "; " + label + '=' + settings.useValue() + " is to be used instead, and "
                    + whyNone(settings.useValue());
        }
        return why + "; " + existing();
    }

    private @Nullable Route route(String value) {
        Route route = routes.get(value);
        if (route == null) {
            List<Member> subset = members.subset(value);
            if (subset.isEmpty()) {
                return null; // not remembered: requests may ask for anything
            }
            Route made = maker.apply(subset);
            Route first = routes.putIfAbsent(value, made);
            route = first == null ? made : first;
        }
        return route.isEmpty() ? null : route;
    }

    private String whyNone(String value) {
        List<Member> subset = members.subset(value);
        if (subset.isEmpty()) {
            return "no endpoint has it";
        }
        long ready = subset.stream()
                .map(member -> member.endpoint().health())
                .filter(EndpointHealth::receivesRequests)
                .count();
        return ready == 0
                ? "of the " + subset.size() + " endpoints with it none is ready"
                : "none of the " + ready + " ready endpoints with it is among those that the caller can use";
    }

    private String existing() {
        String known = existing;
        if (known == null) {
            known = describe(members.values());
            existing = known;
        }
        return known;
    }

    private String describe(List<String> values) {
        if (values.isEmpty()) {
            return "no endpoint has a value of " + settings.label();
        }
        String named = values.stream().limit(MAX_NAMED).collect(Collectors.joining(", "));
        int unnamed = values.size() - MAX_NAMED;
        return "values that exist: " + named + (unnamed > 0 ? " and " + unnamed + " more" : "");
    }
}
