/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.MatchRules.UnusableException;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which filters can be used: what Envoy would refuse, and what would mean something else than it says, cannot. */
final class FilterRules {
    private static final Set<Integer> REDIRECTS = Set.of(301, 302, 303, 307, 308);
    private static final int MAX_FILTERS = 16; // Gateway API, HTTPRouteRule
    private static final int MAX_HEADERS = 64; // Gateway API has 16 of each list

    private FilterRules() {}

    /**
     * Looks at the filters of a rule.
     *
     * @param matches of the same rule, canonical
     */
    static void checkRule(RouteObject.Kind kind, List<RouteFilter> filters, List<Match> matches)
            throws UnusableException {
        if (filters.size() > MAX_FILTERS) {
            throw new UnusableException(filters.size() + " filters (expected: at most " + MAX_FILTERS + ")");
        }
        Set<Class<?>> once = new HashSet<>();
        for (RouteFilter filter : filters) {
            if (!(filter instanceof RouteFilter.Mirror) && !once.add(filter.getClass())) {
                throw new UnusableException("the same filter twice (expected: each at most once, but requestMirror)");
            }
            if (filter instanceof RouteFilter.Redirect redirect) {
                redirect(redirect, matches);
            } else if (filter instanceof RouteFilter.Rewrite rewrite) {
                hostname(rewrite.hostname());
                path(rewrite.path(), matches);
            } else if (filter instanceof RouteFilter.Mirror mirror) {
                mirror(mirror);
            } else if (filter instanceof RouteFilter.Cors cors) {
                cors(cors);
            } else {
                checkHeaders(filter);
            }
            boolean onlyHttp = filter instanceof RouteFilter.Redirect
                    || filter instanceof RouteFilter.Rewrite
                    || filter instanceof RouteFilter.Cors;
            if (onlyHttp && kind == RouteObject.Kind.GRPC) {
                throw new UnusableException("a filter that a GRPCRoute does not have (expected: requestHeaderModifier,"
                        + " responseHeaderModifier or requestMirror)");
            }
        }
        if (once.contains(RouteFilter.Redirect.class) && once.contains(RouteFilter.Rewrite.class)) {
            throw new UnusableException("requestRedirect and urlRewrite in one rule (expected: one of them)");
        }
    }

    /** Looks at the filters of a backend, which may change headers only. */
    static void checkBackend(List<RouteFilter> filters) throws UnusableException {
        if (filters.size() > MAX_FILTERS) {
            throw new UnusableException(filters.size() + " filters (expected: at most " + MAX_FILTERS + ")");
        }
        for (RouteFilter filter : filters) {
            checkHeaders(filter);
        }
    }

    private static void checkHeaders(RouteFilter filter) throws UnusableException {
        if (filter instanceof RouteFilter.RequestHeaders request) {
            headers(request.set(), request.add(), request.remove());
        } else if (filter instanceof RouteFilter.ResponseHeaders response) {
            headers(response.set(), response.add(), response.remove());
        } else if (filter instanceof RouteFilter.Unknown unknown) {
            throw new UnusableException("filter " + Texts.shown(unknown.type())
                    + (unknown.detail().isEmpty() ? "" : " (" + Texts.shown(unknown.detail()) + ")")
                    + ", which is not known here");
        } else {
            throw new UnusableException("a filter that a backend cannot have here (expected: requestHeaderModifier or"
                    + " responseHeaderModifier; the others belong to the rule)");
        }
    }

    private static void headers(List<RouteFilter.Header> set, List<RouteFilter.Header> add, List<String> remove)
            throws UnusableException {
        if (set.size() + add.size() + remove.size() > MAX_HEADERS) {
            throw new UnusableException("more than " + MAX_HEADERS + " headers in one filter");
        }
        for (List<RouteFilter.Header> headers : List.of(set, add)) {
            for (RouteFilter.Header header : headers) {
                name(header.name());
                if (!Texts.isHeaderValue(header.value())) {
                    throw new UnusableException(
                            "a value of header " + header.name() + " that cannot be in one (expected:" + " at most "
                                    + RegularExpression.MAX_LENGTH + " characters, no control characters)");
                }
            }
        }
        for (String removed : remove) {
            name(removed);
        }
    }

    private static void name(String header) throws UnusableException {
        if (!Texts.isToken(header)) {
            throw new UnusableException("header \"" + Texts.shown(header) + "\" (expected: letters, digits and -)");
        }
        if (header.equalsIgnoreCase("host")) {
            throw new UnusableException("header Host (expected: another one; urlRewrite.hostname changes the host)");
        }
    }

    private static void redirect(RouteFilter.Redirect redirect, List<Match> matches) throws UnusableException {
        if (!redirect.scheme().isEmpty() && !Set.of("http", "https").contains(redirect.scheme())) {
            throw new UnusableException(
                    "redirect to scheme \"" + Texts.shown(redirect.scheme()) + "\" (expected: http or https)");
        }
        hostname(redirect.hostname());
        path(redirect.path(), matches);
        if (redirect.port() != null && !isPort(redirect.port())) {
            throw new UnusableException("redirect to port " + redirect.port() + " (expected: 1 to 65535)");
        }
        if (redirect.status() != null && !REDIRECTS.contains(redirect.status())) {
            throw new UnusableException(
                    "redirect with status " + redirect.status() + " (expected: 301, 302, 303, 307 or 308)");
        }
    }

    static boolean isPort(int port) {
        return port >= 1 && port <= 65_535;
    }

    private static void hostname(String hostname) throws UnusableException {
        if (hostname.startsWith("*") || Hostname.canonical(hostname) == null) {
            throw new UnusableException(
                    "hostname \"" + Texts.shown(hostname) + "\" (expected: the name of one host, without a wildcard)");
        }
    }

    private static void path(RouteFilter.@Nullable Path path, List<Match> matches) throws UnusableException {
        if (path == null) {
            return;
        }
        if (!Texts.isHeaderValue(path.value())
                || path.value().length() > 1024
                || path.value().contains("#")) {
            throw new UnusableException(
                    "path \"" + Texts.shown(path.value()) + "\" (expected: at most 1024 characters, no #)");
        }
        switch (path.type()) {
            case "ReplaceFullPath" -> {}
            case "ReplacePrefixMatch" -> {
                boolean prefixes = matches.stream()
                        .allMatch(match ->
                                match.path() != null && match.path().type().equals(MatchRules.PREFIX));
                if (!prefixes) {
                    throw new UnusableException(
                            "ReplacePrefixMatch in a rule whose matches are not all of type PathPrefix (expected: that they are)");
                }
            }
            default ->
                throw new UnusableException("path type \"" + Texts.shown(path.type())
                        + "\" (expected: ReplaceFullPath or ReplacePrefixMatch)");
        }
    }

    private static void mirror(RouteFilter.Mirror mirror) throws UnusableException {
        Integer numerator = mirror.numerator();
        if (numerator != null && (mirror.denominator() < 1 || numerator < 0 || numerator > mirror.denominator())) {
            throw new UnusableException("requestMirror of " + numerator + " of " + mirror.denominator()
                    + " requests (expected: no more than all)");
        }
    }

    private static void cors(RouteFilter.Cors cors) throws UnusableException {
        for (List<String> texts :
                List.of(cors.allowOrigins(), cors.allowMethods(), cors.allowHeaders(), cors.exposeHeaders())) {
            if (texts.size() > MAX_HEADERS) {
                throw new UnusableException("cors with more than " + MAX_HEADERS + " values in one list");
            }
            for (String text : texts) {
                if (!Texts.isHeaderValue(text) || text.contains(",") || text.isBlank()) {
                    throw new UnusableException(
                            "cors with \"" + Texts.shown(text) + "\" (expected: what can be in a header)");
                }
            }
        }
        if (cors.maxAge() != null && cors.maxAge() < 0) {
            throw new UnusableException("cors with maxAge " + cors.maxAge() + " (expected: 0 or more)");
        }
    }
}
