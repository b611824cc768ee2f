/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.UInt32Value;
import dev.xdslb.controlplane.gateway.GatewayView.HostView;
import dev.xdslb.controlplane.gateway.RouteAction.MirrorTarget;
import dev.xdslb.controlplane.gateway.RouteAction.Target;
import dev.xdslb.controlplane.gateway.RouteAction.Upstream;
import dev.xdslb.controlplane.gateway.RouteEntry;
import dev.xdslb.controlplane.gateway.RouteFilter;
import dev.xdslb.controlplane.gateway.RouteObject;
import dev.xdslb.controlplane.gateway.RouteRule;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.route.v3.DirectResponseAction;
import io.envoyproxy.envoy.config.route.v3.HeaderMatcher;
import io.envoyproxy.envoy.config.route.v3.QueryParameterMatcher;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.config.route.v3.WeightedCluster;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import io.envoyproxy.envoy.extensions.retry.host.previous_hosts.v3.PreviousHostsPredicate;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatchAndSubstitute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The routes of a host as Envoy's VirtualHost. What Envoy would refuse is not here any more; what it would read otherwise
 * than the Gateway API does is written so that it means the same.
 */
final class HostTranslation {
    static final String CORS_FILTER = "envoy.filters.http.cors";

    /** A cluster that never exists: Envoy answers its share of the requests with the code of the route. */
    static final String NO_CLUSTER = "-";

    private static final int BROKEN = 500;
    private static final int BROKEN_GRPC = 503; // which Envoy writes as UNAVAILABLE; 500 would be UNKNOWN
    private static final int MISDIRECTED = 421;

    /** Never sent to a pod, or refused by it unprocessed: to try another one harms no request. */
    private static final String HARMLESS = "connect-failure,refused-stream,reset-before-request";

    private static final int HARMLESS_RETRIES = 2;

    /** Source: Gateway API, GEP-1731: with a retry also what was broken off. */
    private static final String ASKED = "connect-failure,refused-stream,reset";

    private static final int SELECTION_ATTEMPTS = 5;
    private static final int BACKOFF_GROWTH = 10; // Envoy's own, of the largest interval to the base

    private static final RetryPolicy.RetryHostPredicate OTHER_HOST = RetryPolicy.RetryHostPredicate.newBuilder()
            .setName("envoy.retry_host_predicates.previous_hosts")
            .setTypedConfig(Any.pack(PreviousHostsPredicate.getDefaultInstance()))
            .build();

    private static final String WITH_PORT = ".*:[0-9]+";
    private static final int HTTP = 80;
    private static final int HTTPS = 443;

    private final boolean tls;
    private final int port;

    /**
     * Creates the translation for a listener.
     *
     * @param tls whether clients speak HTTPS to it
     * @param port its number, which redirects keep
     */
    HostTranslation(boolean tls, int port) {
        this.tls = tls;
        this.port = port;
    }

    VirtualHost translate(HostView host) {
        VirtualHost.Builder translated =
                VirtualHost.newBuilder().setName(host.domain()).addDomains(host.domain());
        if (host.misdirected()) {
            translated.addRoutes(Route.newBuilder()
                    .setMatch(RouteMatch.newBuilder().setPrefix("/"))
                    .setDirectResponse(DirectResponseAction.newBuilder().setStatus(MISDIRECTED)));
        }
        for (RouteEntry entry : host.entries()) {
            add(entry, host.domain(), translated);
        }
        return translated.build();
    }

    private void add(RouteEntry entry, String domain, VirtualHost.Builder to) {
        dev.xdslb.controlplane.gateway.RouteAction action = entry.action();
        Route.Builder route = Route.newBuilder().setName(entry.name()).setMatch(match(entry.match()));
        if (action.broken() != null) {
            int status = action.kind() == RouteObject.Kind.GRPC ? BROKEN_GRPC : BROKEN;
            to.addRoutes(
                    route.setDirectResponse(DirectResponseAction.newBuilder().setStatus(status)));
            return;
        }
        changeHeaders(action.filters(), route);
        RouteFilter.Cors cors = action.cors();
        if (cors != null) {
            route.putTypedPerFilterConfig(CORS_FILTER, Any.pack(cors(cors)));
        }
        RouteFilter.Redirect redirect = action.redirect();
        if (redirect == null) {
            to.addRoutes(route.setRoute(forward(entry.match(), action)));
        } else {
            addRedirect(entry.match(), redirect, domain, route, to);
        }
    }

    private static RouteMatch match(Match match) {
        RouteMatch.Builder translated = RouteMatch.newBuilder();
        RouteRule.Value path = match.path();
        RouteRule.Call call = match.call();
        if (call != null) {
            call(call, translated);
        } else if (path == null || (path.value().equals("/") && path.type().equals("PathPrefix"))) {
            translated.setPrefix("/");
        } else {
            switch (path.type()) {
                case "Exact" -> translated.setPath(path.value());
                case "RegularExpression" -> translated.setSafeRegex(regex(path.value()));
                default -> translated.setPathSeparatedPrefix(path.value());
            }
        }
        if (!match.method().isEmpty()) {
            translated.addHeaders(header(":method", new RouteRule.Value("Exact", match.method())));
        }
        for (RouteRule.Named named : match.headers()) {
            // Envoy knows the host by the name that HTTP/2 gives it, only.
            translated.addHeaders(header(named.name().equals("host") ? ":authority" : named.name(), named.value()));
        }
        for (RouteRule.Named named : match.query()) {
            translated.addQueryParameters(
                    QueryParameterMatcher.newBuilder().setName(named.name()).setStringMatch(text(named.value())));
        }
        return translated.build();
    }

    /** The path of a call is {@code /<service>/<method>}. */
    private static void call(RouteRule.Call call, RouteMatch.Builder to) {
        boolean exact = call.type().equals("Exact");
        if (exact && !call.service().isEmpty() && !call.method().isEmpty()) {
            to.setPath("/" + call.service() + "/" + call.method());
        } else if (exact && call.method().isEmpty()) {
            to.setPrefix("/" + call.service() + "/");
        } else {
            to.setSafeRegex(regex(call.expression()));
        }
    }

    private static HeaderMatcher header(String name, RouteRule.Value value) {
        return HeaderMatcher.newBuilder()
                .setName(name)
                .setStringMatch(text(value))
                .build();
    }

    private static StringMatcher text(RouteRule.Value value) {
        return value.type().equals("Exact")
                ? StringMatcher.newBuilder().setExact(value.value()).build()
                : StringMatcher.newBuilder().setSafeRegex(regex(value.value())).build();
    }

    private static RegexMatcher regex(String expression) {
        return RegexMatcher.newBuilder().setRegex(expression).build();
    }

    private RouteAction forward(Match match, dev.xdslb.controlplane.gateway.RouteAction action) {
        RouteAction.Builder forward = RouteAction.newBuilder();
        if (action.kind() == RouteObject.Kind.HTTP) {
            forward.setClusterNotFoundResponseCode(RouteAction.ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR);
        }
        List<Target> targets = action.targets();
        if (targets.size() == 1
                && action.refusedWeight() == 0
                && targets.get(0).filters().isEmpty()) {
            forward.setCluster(cluster(targets.get(0).upstream()));
        } else {
            forward.setWeightedClusters(weighted(targets, action.refusedWeight()));
        }
        // A request has one key before it is known which of the backends gets it.
        targets.stream()
                .map(target -> RequestHash.forEnvoy(target.requestKey()))
                .filter(Objects::nonNull)
                .findFirst()
                .ifPresent(forward::addHashPolicy);
        // Envoy's own limit of 15 s would end downloads and streams that nobody has limited.
        forward.setTimeout(duration(action.requestTimeout() == null ? Duration.ZERO : action.requestTimeout()));
        forward.setRetryPolicy(retries(action));
        RouteFilter.Rewrite rewrite = action.rewrite();
        if (rewrite != null) {
            if (!rewrite.hostname().isEmpty()) {
                forward.setHostRewriteLiteral(rewrite.hostname());
            }
            rewritePath(match, rewrite.path(), forward);
        }
        for (MirrorTarget mirror : action.mirrors()) {
            forward.addRequestMirrorPolicies(RouteAction.RequestMirrorPolicy.newBuilder()
                    .setCluster(cluster(mirror.upstream()))
                    .setDisableShadowHostSuffixAppend(true)
                    .setRuntimeFraction(RuntimeFractionalPercent.newBuilder().setDefaultValue(fraction(mirror))));
        }
        return forward.build();
    }

    static String cluster(Upstream upstream) {
        String name = ResourceName.canonical(upstream.service(), upstream.port());
        return upstream.grpc() ? name + ResourceName.GRPC : name;
    }

    private static WeightedCluster weighted(List<Target> targets, long refused) {
        WeightedCluster.Builder weighted = WeightedCluster.newBuilder();
        for (Target target : targets) {
            WeightedCluster.ClusterWeight.Builder share = WeightedCluster.ClusterWeight.newBuilder()
                    .setName(cluster(target.upstream()))
                    .setWeight(UInt32Value.of(target.weight()));
            for (RouteFilter filter : target.filters()) {
                if (filter instanceof RouteFilter.RequestHeaders request) {
                    share.addAllRequestHeadersToAdd(options(request.set(), request.add()))
                            .addAllRequestHeadersToRemove(request.remove());
                } else if (filter instanceof RouteFilter.ResponseHeaders response) {
                    share.addAllResponseHeadersToAdd(options(response.set(), response.add()))
                            .addAllResponseHeadersToRemove(response.remove());
                }
            }
            weighted.addClusters(share);
        }
        if (refused > 0) {
            weighted.addClusters(WeightedCluster.ClusterWeight.newBuilder()
                    .setName(NO_CLUSTER)
                    .setWeight(UInt32Value.of((int) refused)));
        }
        return weighted.build();
    }

    private static RetryPolicy retries(dev.xdslb.controlplane.gateway.RouteAction action) {
        RetryPolicy.Builder policy = RetryPolicy.newBuilder()
                .setRetryOn(HARMLESS)
                .setNumRetries(UInt32Value.of(HARMLESS_RETRIES))
                .addRetryHostPredicate(OTHER_HOST)
                .setHostSelectionRetryMaxAttempts(SELECTION_ATTEMPTS);
        Duration backendTimeout = action.backendTimeout();
        if (backendTimeout != null && !backendTimeout.isZero()) {
            policy.setPerTryTimeout(duration(backendTimeout));
        }
        dev.xdslb.controlplane.gateway.RouteAction.Retry retry = action.retry();
        if (retry == null) {
            return policy.build();
        }
        policy.setRetryOn(retry.codes().isEmpty() ? ASKED : ASKED + ",retriable-status-codes")
                .addAllRetriableStatusCodes(retry.codes());
        if (retry.attempts() != null) {
            policy.setNumRetries(UInt32Value.of(retry.attempts()));
        }
        Duration backoff = retry.backoff();
        if (backoff != null) {
            policy.setRetryBackOff(RetryPolicy.RetryBackOff.newBuilder()
                    .setBaseInterval(duration(backoff))
                    .setMaxInterval(duration(backoff.multipliedBy(BACKOFF_GROWTH))));
        }
        return policy.build();
    }

    private static FractionalPercent fraction(MirrorTarget mirror) {
        FractionalPercent.Builder fraction = FractionalPercent.newBuilder();
        if (mirror.denominator() == 100) {
            return fraction.setNumerator(mirror.numerator()).build();
        }
        long millionths = Math.round(1_000_000.0 * mirror.numerator() / mirror.denominator());
        return fraction.setNumerator((int) millionths)
                .setDenominator(FractionalPercent.DenominatorType.MILLION)
                .build();
    }

    private static void rewritePath(Match match, RouteFilter.@Nullable Path path, RouteAction.Builder to) {
        if (path == null) {
            return;
        }
        if (path.type().equals("ReplaceFullPath")) {
            to.setRegexRewrite(substitute("^/.*$", path.value().isEmpty() ? "/" : path.value()));
            return;
        }
        Prefix prefix = Prefix.of(match, path.value());
        if (prefix.rewrite() != null) {
            to.setPrefixRewrite(prefix.rewrite());
        } else if (prefix.regex() != null) {
            to.setRegexRewrite(substitute(prefix.regex(), "/"));
        }
    }

    /**
     * How Envoy replaces a prefix by whole segments: by {@code rewrite}, or, where a slash would be left too many, what
     * {@code regex} finds by one slash; both null where nothing changes.
     */
    private record Prefix(
            @Nullable String rewrite, @Nullable String regex) {
        static Prefix of(Match match, String replacement) {
            String prefix = match.path() == null ? "/" : match.path().value();
            String by = replacement;
            while (by.endsWith("/")) {
                by = by.substring(0, by.length() - 1);
            }
            if (prefix.equals("/")) {
                return by.isEmpty() ? new Prefix(null, null) : new Prefix(by + "/", null);
            }
            return by.isEmpty() ? new Prefix(null, "^" + Pattern.quote(prefix) + "/*") : new Prefix(by, null);
        }
    }

    private static RegexMatchAndSubstitute substitute(String found, String by) {
        return RegexMatchAndSubstitute.newBuilder()
                .setPattern(regex(found))
                .setSubstitution(by.replace("\\", "\\\\"))
                .build();
    }

    private void addRedirect(
            Match match, RouteFilter.Redirect redirect, String domain, Route.Builder route, VirtualHost.Builder to) {
        RedirectAction.Builder action = RedirectAction.newBuilder().setResponseCode(code(redirect.status()));
        if (!redirect.scheme().isEmpty()) {
            action.setSchemeRedirect(redirect.scheme());
        }
        if (!redirect.hostname().isEmpty()) {
            action.setHostRedirect(redirect.hostname());
        }
        RouteFilter.Path path = redirect.path();
        if (path != null && path.type().equals("ReplaceFullPath")) {
            action.setPathRedirect(path.value().isEmpty() ? "/" : path.value());
        } else if (path != null) {
            Prefix prefix = Prefix.of(match, path.value());
            if (prefix.rewrite() != null) {
                action.setPrefixRewrite(prefix.rewrite());
            } else if (prefix.regex() != null) {
                action.setRegexRewrite(substitute(prefix.regex(), "/"));
            }
        }
        boolean https = redirect.scheme().isEmpty() ? tls : redirect.scheme().equals("https");
        int usual = https ? HTTPS : HTTP;
        int target =
                redirect.port() != null ? redirect.port() : redirect.scheme().isEmpty() ? port : usual;
        if (target != usual) {
            to.addRoutes(route.setRedirect(action.setPortRedirect(target)));
            return;
        }
        // Envoy would keep the port that the request names.
        if (redirect.hostname().isEmpty() && !domain.startsWith("*")) {
            action.setHostRedirect(domain);
        } else if (redirect.hostname().isEmpty()) {
            Route.Builder named = route.clone();
            named.getMatchBuilder()
                    .addHeaders(header(":authority", new RouteRule.Value("RegularExpression", WITH_PORT)));
            to.addRoutes(named.setRedirect(action.clone().setPortRedirect(usual)));
        }
        to.addRoutes(route.setRedirect(action));
    }

    private static RedirectAction.RedirectResponseCode code(@Nullable Integer status) {
        return switch (status == null ? 302 : status) {
            case 301 -> RedirectAction.RedirectResponseCode.MOVED_PERMANENTLY;
            case 303 -> RedirectAction.RedirectResponseCode.SEE_OTHER;
            case 307 -> RedirectAction.RedirectResponseCode.TEMPORARY_REDIRECT;
            case 308 -> RedirectAction.RedirectResponseCode.PERMANENT_REDIRECT;
            default -> RedirectAction.RedirectResponseCode.FOUND;
        };
    }

    private static void changeHeaders(List<RouteFilter> filters, Route.Builder route) {
        for (RouteFilter filter : filters) {
            if (filter instanceof RouteFilter.RequestHeaders request) {
                route.addAllRequestHeadersToAdd(options(request.set(), request.add()))
                        .addAllRequestHeadersToRemove(request.remove());
            } else if (filter instanceof RouteFilter.ResponseHeaders response) {
                route.addAllResponseHeadersToAdd(options(response.set(), response.add()))
                        .addAllResponseHeadersToRemove(response.remove());
            }
        }
    }

    private static List<HeaderValueOption> options(List<RouteFilter.Header> set, List<RouteFilter.Header> add) {
        List<HeaderValueOption> options = new ArrayList<>();
        set.forEach(
                header -> options.add(option(header, HeaderValueOption.HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)));
        add.forEach(
                header -> options.add(option(header, HeaderValueOption.HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD)));
        return options;
    }

    /** Envoy takes what is between percent signs for a variable. */
    private static HeaderValueOption option(RouteFilter.Header header, HeaderValueOption.HeaderAppendAction action) {
        return HeaderValueOption.newBuilder()
                .setHeader(HeaderValue.newBuilder()
                        .setKey(header.name())
                        .setValue(header.value().replace("%", "%%")))
                .setAppendAction(action)
                .setKeepEmptyValue(true)
                .build();
    }

    private static CorsPolicy cors(RouteFilter.Cors cors) {
        CorsPolicy.Builder policy = CorsPolicy.newBuilder()
                .setAllowMethods(String.join(", ", cors.allowMethods()))
                .setAllowHeaders(String.join(", ", cors.allowHeaders()))
                .setExposeHeaders(String.join(", ", cors.exposeHeaders()));
        for (String origin : cors.allowOrigins()) {
            StringMatcher.Builder matcher = StringMatcher.newBuilder();
            policy.addAllowOriginStringMatch(
                    origin.contains("*")
                            ? matcher.setSafeRegex(
                                    regex(("\\Q" + origin.toLowerCase(Locale.ROOT) + "\\E").replace("*", "\\E.*\\Q")))
                            : matcher.setExact(origin));
        }
        if (cors.allowCredentials()) {
            policy.setAllowCredentials(BoolValue.of(true));
        }
        if (cors.maxAge() != null) {
            policy.setMaxAge(Integer.toString(cors.maxAge()));
        }
        return policy.build();
    }

    static com.google.protobuf.Duration duration(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.toSeconds())
                .setNanos(duration.toNanosPart())
                .build();
    }
}
