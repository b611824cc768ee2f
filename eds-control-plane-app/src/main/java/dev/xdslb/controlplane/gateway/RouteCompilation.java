/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.CompiledRoute.Refusal;
import dev.xdslb.controlplane.gateway.MatchRules.UnusableException;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import dev.xdslb.controlplane.gateway.RouteAction.MirrorTarget;
import dev.xdslb.controlplane.gateway.RouteAction.Target;
import dev.xdslb.controlplane.gateway.RouteAction.Upstream;
import dev.xdslb.controlplane.gateway.RouteRule.Backend;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServicePort;
import dev.xdslb.controlplane.topology.ServiceView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Makes a route usable.
 *
 * <p>A rule whose matches cannot be used is dropped: nobody knows which requests are meant. One whose matches can be used
 * and the rest not answers its requests with an error, so that they never go where the rule would not have let them go. A
 * backend that cannot be used takes its share of the requests, which get an error too.
 */
final class RouteCompilation {
    private static final String ACCEPTED_UNSUPPORTED = "UnsupportedValue";

    private static final int MAX_RULES = 16; // Gateway API, HTTPRouteSpec
    private static final int MAX_MATCHES = 128; // Gateway API, HTTPRouteSpec: of all rules
    private static final int MAX_BACKENDS = 16; // Gateway API, HTTPRouteRule
    private static final int MAX_WEIGHT = 1_000_000; // Gateway API, BackendRef
    private static final int MAX_HOSTNAMES = 16; // Gateway API, HTTPRouteSpec
    private static final int MAX_ATTEMPTS = 10;
    private static final int MAX_UNRESOLVED_TOLD = 3;
    private static final Duration LONGEST_BACKOFF = Duration.ofMinutes(1);

    private final RouteObject route;
    private final Backends backends;
    private final Set<String> dropped = new TreeSet<>();
    private @Nullable String unresolved; // the reason of the first
    private final List<String> unresolvedMessages = new ArrayList<>();
    private int unresolvedCount;
    private int compiling; // the number of the rule

    private RouteCompilation(RouteObject route, Backends backends) {
        this.route = route;
        this.backends = backends;
    }

    static CompiledRoute compile(RouteObject route, Backends backends) {
        return new RouteCompilation(route, backends).compile();
    }

    private CompiledRoute compile() {
        List<String> problems = new ArrayList<>(route.meta().problems());
        List<String> hostnames = new ArrayList<>();
        for (String hostname : route.hostnames()) {
            String canonical = hostname.isEmpty() ? null : Hostname.canonical(hostname);
            if (canonical == null) {
                problems.add(
                        "hostname \"" + Texts.shown(hostname) + "\" (expected: shop.example.com or *.example.com)");
            } else {
                hostnames.add(canonical);
            }
        }
        int matches =
                route.rules().stream().mapToInt(rule -> rule.matches().size()).sum();
        if (route.rules().size() > MAX_RULES || matches > MAX_MATCHES || hostnames.size() > MAX_HOSTNAMES) {
            problems.add(route.rules().size() + " rules with " + matches + " matches and " + hostnames.size()
                    + " hostnames (expected: at most " + MAX_RULES + ", " + MAX_MATCHES + " and " + MAX_HOSTNAMES
                    + ")");
        }
        if (!problems.isEmpty()) {
            return new CompiledRoute(
                    route,
                    List.of(),
                    List.of(),
                    new Refusal(ACCEPTED_UNSUPPORTED, String.join("; ", problems)),
                    "",
                    resolved());
        }
        List<RouteEntry> entries = new ArrayList<>();
        int usable = 0;
        // Without rules, every request is meant (GRPCRoute; an HTTPRoute gets such a rule by default).
        List<RouteRule> rules = route.rules().isEmpty() ? List.of(EVERYTHING) : route.rules();
        for (int i = 0; i < rules.size(); i++) {
            if (compile(rules.get(i), i, entries)) {
                usable++;
            }
        }
        Refusal refused = usable == 0 ? new Refusal(ACCEPTED_UNSUPPORTED, String.join("; ", dropped)) : null;
        String partly = dropped.isEmpty() ? "" : "Dropped Rule: " + String.join("; ", dropped);
        return new CompiledRoute(route, hostnames, entries, refused, partly, resolved());
    }

    private static final RouteRule EVERYTHING =
            new RouteRule("", List.of(), List.of(), List.of(), "", "", null, List.of());

    private static final Match ANY = new Match(null, "", List.of(), List.of(), null);

    private Condition resolved() {
        if (unresolved == null) {
            return new Condition("ResolvedRefs", true, "ResolvedRefs", "");
        }
        int untold = unresolvedCount - unresolvedMessages.size();
        return new Condition(
                "ResolvedRefs",
                false,
                unresolved,
                String.join("; ", unresolvedMessages) + (untold > 0 ? "; and " + untold + " more" : ""));
    }

    /** As in the object, so that it is found there. */
    private static String rule(int number) {
        return "rules[" + number + "]";
    }

    /** Returns whether the rule does what it says. */
    private boolean compile(RouteRule rule, int number, List<RouteEntry> entries) {
        List<Match> matches = new ArrayList<>();
        try {
            for (Match match : rule.matches().isEmpty() ? List.of(ANY) : rule.matches()) {
                matches.add(MatchRules.canonical(route.kind(), match));
            }
        } catch (UnusableException e) {
            dropped.add(rule(number) + " matches by " + e.getMessage() + ": it does not count");
            return false;
        }
        RouteAction action;
        boolean usable = true;
        compiling = number;
        try {
            action = action(rule, matches);
        } catch (UnusableException e) {
            String why = rule(number) + " has " + e.getMessage() + ": its requests get an error";
            dropped.add(why);
            action = RouteAction.broken(route.kind(), why);
            usable = false;
        }
        for (int i = 0; i < matches.size(); i++) {
            entries.add(new RouteEntry(route, number, i, matches.get(i), action));
        }
        return usable;
    }

    private RouteAction action(RouteRule rule, List<Match> matches) throws UnusableException {
        if (!rule.unsupported().isEmpty()) {
            throw new UnusableException(
                    "the field " + String.join(", ", rule.unsupported()) + ", which is not known here");
        }
        FilterRules.checkRule(route.kind(), rule.filters(), matches);
        if (rule.backends().size() > MAX_BACKENDS) {
            throw new UnusableException(rule.backends().size() + " backends (expected: at most " + MAX_BACKENDS + ")");
        }
        RouteFilter.Redirect redirect = null;
        RouteFilter.Rewrite rewrite = null;
        RouteFilter.Cors cors = null;
        List<RouteFilter> headers = new ArrayList<>();
        List<MirrorTarget> mirrors = new ArrayList<>();
        for (RouteFilter filter : rule.filters()) {
            if (filter instanceof RouteFilter.Redirect found) {
                redirect = found;
            } else if (filter instanceof RouteFilter.Rewrite found) {
                rewrite = found;
            } else if (filter instanceof RouteFilter.Cors found) {
                cors = found;
            } else if (filter instanceof RouteFilter.Mirror mirror) {
                Upstream upstream = resolve(mirror.service(), mirror.port());
                if (upstream != null) {
                    Integer numerator = mirror.numerator();
                    mirrors.add(
                            numerator == null
                                    ? new MirrorTarget(upstream, 100, 100)
                                    : new MirrorTarget(upstream, numerator, mirror.denominator()));
                }
            } else {
                headers.add(filter);
            }
        }
        Duration request = timeout("request", rule.requestTimeout());
        Duration backend = timeout("backendRequest", rule.backendTimeout());
        if (request != null && backend != null && !request.isZero() && backend.compareTo(request) > 0) {
            throw new UnusableException(
                    "timeouts.backendRequest above timeouts.request (expected: no longer than that)");
        }
        List<Target> targets = new ArrayList<>();
        long refused = 0;
        for (Backend target : rule.backends()) {
            if (target.weight() < 0 || target.weight() > MAX_WEIGHT) {
                throw new UnusableException(
                        "a backend of weight " + target.weight() + " (expected: 0 to " + MAX_WEIGHT + ")");
            }
            FilterRules.checkBackend(target.filters());
            Upstream upstream = resolve(target.service(), target.port());
            if (upstream == null) {
                refused += target.weight();
            } else {
                targets.add(new Target(upstream, target.weight(), target.filters(), requestKey(upstream)));
            }
        }
        long served = targets.stream().mapToLong(Target::weight).sum();
        String broken = redirect == null && served == 0 ? "no backend that can be used" : null;
        return new RouteAction(
                route.kind(),
                broken,
                redirect,
                targets,
                refused,
                headers,
                rewrite,
                mirrors,
                cors,
                request,
                backend,
                retry(rule.retry()));
    }

    private static @Nullable Duration timeout(String field, String text) throws UnusableException {
        if (text.isEmpty()) {
            return null;
        }
        Duration parsed = Durations.parse(text);
        if (parsed == null) {
            throw new UnusableException(
                    "timeouts." + field + " \"" + Texts.shown(text) + "\" (expected: a duration such as 10s or 500ms)");
        }
        return parsed;
    }

    private static RouteAction.@Nullable Retry retry(RouteRule.@Nullable Retry retry) throws UnusableException {
        if (retry == null) {
            return null;
        }
        for (int code : retry.codes()) {
            if (code < 400 || code > 599) {
                throw new UnusableException("retry of status " + code + " (expected: 400 to 599)");
            }
        }
        Integer attempts = retry.attempts();
        if (attempts != null && (attempts < 0 || attempts > MAX_ATTEMPTS)) {
            throw new UnusableException("retry.attempts " + attempts + " (expected: 0 to " + MAX_ATTEMPTS + ")");
        }
        Duration backoff = retry.backoff().isEmpty() ? null : Durations.parse(retry.backoff());
        if (!retry.backoff().isEmpty()
                && (backoff == null || backoff.isZero() || backoff.compareTo(LONGEST_BACKOFF) > 0)) {
            throw new UnusableException(
                    "retry.backoff \"" + Texts.shown(retry.backoff()) + "\" (expected: a duration from 1ms to 1m)");
        }
        return new RouteAction.Retry(new TreeSet<>(retry.codes()).stream().toList(), attempts, backoff);
    }

    private @Nullable String requestKey(Upstream upstream) {
        ServiceView service = backends.service(
                upstream.service().namespace(), upstream.service().name());
        return service == null ? null : service.policy().requestKey();
    }

    /** Returns null, having noted why, for a backend that cannot be used. */
    private @Nullable Upstream resolve(ObjectReference to, @Nullable Integer port) {
        String own = route.meta().namespace();
        String namespace = to.namespaceFrom(own);
        if (!to.isOf("", "Service")) {
            return unresolved("InvalidKind", to + " (expected: a Service)");
        }
        if (!namespace.equals(own) && !backends.isGranted(route.kind().kubernetesName(), own, to, namespace)) {
            return unresolved(
                    "RefNotPermitted",
                    "Service " + namespace + "/" + to.name()
                            + " is in another namespace, and no ReferenceGrant there lets "
                            + route.kind().kubernetesName() + "s of namespace " + own + " refer to it");
        }
        ServiceView service = backends.service(namespace, to.name());
        if (service == null) {
            return unresolved("BackendNotFound", "there is no Service " + namespace + "/" + to.name());
        }
        if (!service.externalName().isEmpty()) {
            return unresolved(
                    "UnsupportedValue",
                    "Service " + namespace + "/" + to.name()
                            + " is of type ExternalName (expected: one with endpoints)");
        }
        if (port == null) {
            return unresolved("BackendNotFound", "Service " + namespace + "/" + to.name() + " without a port");
        }
        for (ServiceView.PortView candidate : service.ports()) {
            ServicePort servicePort = candidate.port();
            if (servicePort.number() == port) {
                boolean grpc = route.kind() == RouteObject.Kind.GRPC && !servicePort.http2();
                return new Upstream(new ServiceKey(namespace, to.name()), port, grpc);
            }
        }
        return unresolved("BackendNotFound", "Service " + namespace + "/" + to.name() + " has no port " + port);
    }

    private @Nullable Upstream unresolved(String reason, String message) {
        if (unresolved == null) {
            unresolved = reason;
        }
        if (unresolvedMessages.size() < MAX_UNRESOLVED_TOLD) {
            unresolvedMessages.add(rule(compiling) + ": " + message);
        }
        unresolvedCount++;
        return null;
    }
}
