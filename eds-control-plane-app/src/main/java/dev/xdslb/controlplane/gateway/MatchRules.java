/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.RouteRule.Call;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import dev.xdslb.controlplane.gateway.RouteRule.Named;
import dev.xdslb.controlplane.gateway.RouteRule.Value;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Which matches can be used, and their canonical form: a path always, no name twice. */
final class MatchRules {
    static final String EXACT = "Exact";
    static final String PREFIX = "PathPrefix";
    static final String REGULAR = "RegularExpression";

    private static final int MAX_PATH = 1024; // Gateway API, HTTPPathMatch
    private static final int MAX_NAMED = 16; // Gateway API, HTTPRouteMatch

    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private static final Pattern PATH = Pattern.compile("/[A-Za-z0-9/\\-._~%!$&'()*+,;=:@]*");
    private static final Pattern CALLED = Pattern.compile("[A-Za-z0-9_.]+");

    private MatchRules() {}

    /** What cannot be used, for people. */
    static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1;

        UnusableException(String message) {
            super(message, null, false, false);
        }
    }

    static Match canonical(RouteObject.Kind kind, Match match) throws UnusableException {
        List<Named> headers = named("header", match.headers(), true);
        if (kind == RouteObject.Kind.GRPC) {
            return new Match(null, "", headers, List.of(), call(match.call()));
        }
        if (!match.method().isEmpty() && !METHODS.contains(match.method())) {
            throw new UnusableException("method \"" + Texts.shown(match.method())
                    + "\" (expected: one of GET, HEAD, POST," + " PUT, DELETE, CONNECT, OPTIONS, TRACE, PATCH)");
        }
        return new Match(
                path(match.path()), match.method(), headers, named("query parameter", match.query(), false), null);
    }

    private static Value path(@Nullable Value path) throws UnusableException {
        if (path == null) {
            return new Value(PREFIX, "/");
        }
        String value = path.value().isEmpty() ? "/" : path.value();
        if (value.length() > MAX_PATH && !path.type().equals(REGULAR)) {
            throw new UnusableException(
                    "a path of " + value.length() + " characters (expected: at most " + MAX_PATH + ")");
        }
        switch (path.type()) {
            case REGULAR -> {
                regular(value);
                return new Value(REGULAR, value);
            }
            case EXACT, PREFIX -> {
                if (!PATH.matcher(value).matches() || isAmbiguous(value)) {
                    throw new UnusableException("path \"" + Texts.shown(value)
                            + "\" (expected: what begins with /, without //, /./, /../, an encoded slash, ? and #)");
                }
                boolean whole = path.type().equals(EXACT) || value.equals("/") || !value.endsWith("/");
                return new Value(path.type(), whole ? value : value.substring(0, value.length() - 1));
            }
            default ->
                throw new UnusableException("path type \"" + Texts.shown(path.type())
                        + "\" (expected: Exact, PathPrefix or RegularExpression)");
        }
    }

    private static boolean isAmbiguous(String path) {
        String lower = path.toLowerCase(Locale.ROOT);
        return lower.contains("//")
                || lower.contains("/./")
                || lower.contains("/../")
                || lower.endsWith("/.")
                || lower.endsWith("/..")
                || lower.contains("%2f");
    }

    private static @Nullable Call call(@Nullable Call call) throws UnusableException {
        if (call == null || (call.service().isEmpty() && call.method().isEmpty())) {
            return null;
        }
        for (String name : List.of(call.service(), call.method())) {
            switch (call.type()) {
                case REGULAR -> {
                    if (!name.isEmpty()) {
                        regular(name);
                    }
                }
                case EXACT -> {
                    if (!name.isEmpty() && (!CALLED.matcher(name).matches() || name.length() > MAX_PATH)) {
                        throw new UnusableException("gRPC method \"" + Texts.shown(name)
                                + "\" (expected: the name of a gRPC service or method)");
                    }
                }
                default ->
                    throw new UnusableException(
                            "method type \"" + Texts.shown(call.type()) + "\" (expected: Exact or RegularExpression)");
            }
        }
        if (call.type().equals(REGULAR)) {
            regular(call.expression()); // each may be one alone and spoil what is around it, such as \Qa
        }
        return call;
    }

    /** Of several with one name the first counts: Gateway API, HTTPHeaderMatch.name and HTTPQueryParamMatch.name. */
    private static List<Named> named(String what, List<Named> all, boolean anyCase) throws UnusableException {
        if (all.size() > MAX_NAMED) {
            throw new UnusableException(all.size() + " " + what + "s (expected: at most " + MAX_NAMED + ")");
        }
        List<Named> canonical = new ArrayList<>();
        Set<String> names = new HashSet<>();
        for (Named named : all) {
            String name = anyCase ? named.name().toLowerCase(Locale.ROOT) : named.name();
            Value value = named.value();
            if (!Texts.isToken(named.name())) {
                throw new UnusableException(
                        what + " \"" + Texts.shown(named.name()) + "\" (expected: letters, digits and -)");
            }
            switch (value.type()) {
                case REGULAR -> regular(value.value());
                case EXACT -> {
                    if (!Texts.isHeaderValue(value.value())) {
                        throw new UnusableException("a value of " + what + " " + name
                                + " that cannot be in a request (expected: at most " + RegularExpression.MAX_LENGTH
                                + " characters, no control characters)");
                    }
                }
                default ->
                    throw new UnusableException("type \"" + Texts.shown(value.type()) + "\" of " + what + " " + name
                            + " (expected: Exact or RegularExpression)");
            }
            if (names.add(name)) {
                canonical.add(new Named(name, value));
            }
        }
        return canonical;
    }

    private static void regular(String expression) throws UnusableException {
        String problem = RegularExpression.problem(expression);
        if (problem != null) {
            throw new UnusableException(problem);
        }
    }
}
