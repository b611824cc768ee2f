/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.gateway.RouteRule.Match;
import java.time.Instant;
import java.util.Comparator;

/**
 * One match of a rule of a route, and what becomes of requests that it matches.
 *
 * @param rule the place of the rule in the route
 * @param number the place of the match in the rule
 */
public record RouteEntry(RouteObject route, int rule, int number, Match match, RouteAction action) {

    public RouteEntry {
        requireNonNull(route, "route");
        requireNonNull(match, "match");
        requireNonNull(action, "action");
    }

    /** The older first, then by namespace and name. An object that does not say when it came is the youngest. */
    static final Comparator<RouteObject> BY_AGE = Comparator.<RouteObject, Instant>comparing(route ->
                    route.meta().created() == null ? Instant.MAX : route.meta().created())
            .thenComparing(
                    route -> route.meta().namespace() + "/" + route.meta().name())
            .thenComparing(RouteObject::kind);

    /**
     * The order in which entries of a host are tried. Source: Gateway API, HTTPRouteRule.matches and GRPCRouteRule.matches.
     * The place of regular expressions is for implementations to choose: here they come after exact paths, the longer ones
     * first, as behind a prefix {@code /} they would never be tried.
     */
    static final Comparator<RouteEntry> PRECEDENCE = Comparator.<RouteEntry>comparingInt(entry -> rank(entry.match()))
            .thenComparing(Comparator.<RouteEntry>comparingInt(entry -> length(entry.match()))
                    .reversed())
            .thenComparing(Comparator.<RouteEntry>comparingInt(entry -> methodLength(entry.match()))
                    .reversed())
            .thenComparing(entry -> entry.match().method().isEmpty())
            .thenComparing(Comparator.<RouteEntry>comparingInt(
                            entry -> entry.match().headers().size())
                    .reversed())
            .thenComparing(Comparator.<RouteEntry>comparingInt(
                            entry -> entry.match().query().size())
                    .reversed())
            .thenComparing(RouteEntry::route, BY_AGE)
            .thenComparingInt(RouteEntry::rule)
            .thenComparingInt(RouteEntry::number);

    private static int rank(Match match) {
        if (match.call() != null) {
            return match.call().type().equals("Exact") ? 0 : 1;
        }
        if (match.path() == null) {
            return 2;
        }
        return switch (match.path().type()) {
            case "Exact" -> 0;
            case "RegularExpression" -> 1;
            default -> 2;
        };
    }

    private static int length(Match match) {
        if (match.call() != null) {
            return match.call().service().length();
        }
        return match.path() == null ? 0 : match.path().value().length();
    }

    private static int methodLength(Match match) {
        return match.call() == null ? 0 : match.call().method().length();
    }

    /** Returns a name for people and logs, the same in every replica. */
    public String name() {
        return route.kind().kubernetesName() + " " + route.meta().namespace() + "/"
                + route.meta().name() + " rule " + rule + " match " + number;
    }
}
