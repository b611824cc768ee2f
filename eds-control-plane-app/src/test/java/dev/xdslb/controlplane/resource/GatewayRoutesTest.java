/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static dev.xdslb.controlplane.gateway.GatewayObjects.backend;
import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.grpcRoute;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.meta;
import static dev.xdslb.controlplane.gateway.GatewayObjects.named;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.gateway.GatewayFixture;
import dev.xdslb.controlplane.gateway.GatewayObjects.Rule;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.ObjectStatus;
import dev.xdslb.controlplane.gateway.ReferenceGrantObject;
import dev.xdslb.controlplane.gateway.RouteFilter;
import dev.xdslb.controlplane.gateway.RouteObject;
import dev.xdslb.controlplane.gateway.RouteRule;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePolicy;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.route.v3.RedirectAction;
import io.envoyproxy.envoy.config.route.v3.RetryPolicy;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteAction;
import io.envoyproxy.envoy.config.route.v3.RouteMatch;
import io.envoyproxy.envoy.extensions.filters.http.cors.v3.CorsPolicy;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What each thing that a route can say looks like to Envoy. */
class GatewayRoutesTest {
    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void ruleWithoutMatches_meansEveryRequest() {
        Route all = served(rule().to("orders", 8080));

        assertThat(all.getMatch().getPrefix()).isEqualTo("/");
        assertThat(all.getRoute().getCluster()).isEqualTo("orders.shop:8080");
        assertThat(all.getName()).isEqualTo("HTTPRoute shop/a rule 0 match 0");
    }

    @Test
    void paths_areExact_prefixesOfSegments_andRegularExpressions() {
        assertThat(match(rule().path("Exact", "/a")).getPath()).isEqualTo("/a");
        assertThat(match(rule().prefix("/a")).getPathSeparatedPrefix()).isEqualTo("/a");
        assertThat(match(rule().prefix("/a/b/")).getPathSeparatedPrefix()).isEqualTo("/a/b");
        assertThat(match(rule().prefix("/")).getPrefix()).isEqualTo("/");
        assertThat(match(rule().path("RegularExpression", "/a[0-9]+"))
                        .getSafeRegex()
                        .getRegex())
                .isEqualTo("/a[0-9]+");
    }

    @Test
    void methodHeadersAndQuery_areAllRequired() {
        RouteMatch match = match(rule().match(new RouteRule.Match(
                null,
                "POST",
                named("X-Version", "2", "Host", "a.example.com"),
                List.of(new RouteRule.Named("q", new RouteRule.Value("RegularExpression", "[0-9]+"))),
                null)));

        assertThat(match.getHeadersList())
                .extracting(header ->
                        header.getName() + "=" + header.getStringMatch().getExact())
                .containsExactly(":method=POST", "x-version=2", ":authority=a.example.com");
        assertThat(match.getQueryParameters(0).getName()).isEqualTo("q");
        assertThat(match.getQueryParameters(0).getStringMatch().getSafeRegex().getRegex())
                .isEqualTo("[0-9]+");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "Exact, pkg.Greeter, Say, /pkg.Greeter/Say, -, -",
                "Exact, pkg.Greeter, '', -, /pkg.Greeter/, -",
                "Exact, '', Say, -, -, /[^/]+/Say",
                "Exact, '', '', -, /, -",
                "RegularExpression, pkg|other, '', -, -, /(?:pkg|other)/[^/]+",
                "RegularExpression, '', S.*, -, -, /[^/]+/(?:S.*)"
            })
    void calls_areMatchedByTheirPath(
            String type,
            String service,
            String method,
            @Nullable String path,
            @Nullable String prefix,
            @Nullable String regex) {
        fixture.apply(
                gateway(http("web", 80)),
                grpcRoute("a")
                        .with(rule().call(type, service, method).to("hello", 9090))
                        .build());
        RouteMatch match = fixture.only().getMatch();

        assertThat(match.getPath()).isEqualTo(path == null ? "" : path);
        assertThat(match.getPrefix()).isEqualTo(prefix == null ? "" : prefix);
        assertThat(match.getSafeRegex().getRegex()).isEqualTo(regex == null ? "" : regex);
    }

    @Test
    void weights_divideTheRequests() {
        fixture.serve("shop", "users", new ServicePort("http", 8080, false));
        RouteAction action = action(rule().to(backend("orders", 8080, 9)).to(backend("users", 8080, 0)));

        assertThat(action.getWeightedClusters().getClustersList())
                .extracting(
                        cluster -> cluster.getName() + "=" + cluster.getWeight().getValue())
                .containsExactly("orders.shop:8080=9", "users.shop:8080=0");
    }

    @Test
    void requestKeyOfTheService_decidesWhichPodGetsTheRequest_asSoonAsTheServiceSaysIt() {
        assertThat(action(rule().to("orders", 8080)).getHashPolicyList()).isEmpty();
        fixture.announced();

        fixture.serve(
                "shop",
                "orders",
                new ServicePolicy(Map.of(PolicyKnob.STRATEGY, "ring-hash", PolicyKnob.HASH_KEY, "header:X-User")),
                new ServicePort("http", 8080, false));

        assertThat(fixture.announced()).contains("ROUTE shop/edge:80");
        assertThat(fixture.only().getRoute().getHashPolicyList())
                .singleElement()
                .satisfies(hash -> assertThat(hash.getHeader().getHeaderName()).isEqualTo("x-user"));
    }

    @Test
    void backendThatDoesNotExist_takesItsShareOfTheRequests_andAnswers500() {
        RouteObject split = route("a")
                .with(rule().to(backend("orders", 8080, 3)).to(backend("none", 8080, 1)))
                .build();
        fixture.apply(gateway(http("web", 80)), split);
        RouteAction action = fixture.only().getRoute();

        assertThat(fixture.route(split, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.route(split, "ResolvedRefs")).isEqualTo("False BackendNotFound");
        assertThat(action.getWeightedClusters().getClustersList())
                .extracting(
                        cluster -> cluster.getName() + "=" + cluster.getWeight().getValue())
                .containsExactly("orders.shop:8080=3", "-=1");
        assertThat(action.getClusterNotFoundResponseCode())
                .isEqualTo(RouteAction.ClusterNotFoundResponseCode.INTERNAL_SERVER_ERROR);
    }

    @Test
    void noBackendThatCanBeUsed_answers500_andTheServiceThatComesIsServed() {
        RouteObject late = route("a").with(rule().to("late", 8080)).build();
        fixture.apply(gateway(http("web", 80)), late);
        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(500);

        fixture.serve("shop", "late", new ServicePort("http", 8080, false));
        assertThat(fixture.route(late, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(fixture.only().getRoute().getCluster()).isEqualTo("late.shop:8080");

        fixture.withdraw("shop", "late");
        assertThat(fixture.route(late, "ResolvedRefs")).isEqualTo("False BackendNotFound");
        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(500);
    }

    @Test
    void grpcRouteWithoutABackendThatCanBeUsed_isUnavailable() {
        fixture.apply(
                gateway(http("web", 80)),
                grpcRoute("a").with(rule().to("none", 9090)).build());

        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(503);
    }

    @Test
    void weightsThatAreAllZero_andNoBackendAtAll_answer500() {
        assertThat(served(rule().to(backend("orders", 8080, 0)))
                        .getDirectResponse()
                        .getStatus())
                .isEqualTo(500);
        assertThat(served(rule()).getDirectResponse().getStatus()).isEqualTo(500);
    }

    @Test
    void backendsThatCannotBeUsed_areNamed_withTheirRules() {
        RouteObject route = route("a")
                .with(rule().to("orders", 8080))
                .with(rule().to("ordrs", 8080))
                .with(rule().to("orders", 9999).to("one", 1).to("two", 2))
                .build();
        fixture.apply(gateway(http("web", 80)), route);

        assertThat(fixture.gateways().status(route.id()))
                .isInstanceOfSatisfying(
                        ObjectStatus.OfRoute.class,
                        status -> assertThat(status.parents().get(0).conditions())
                                .filteredOn(condition -> condition.type().equals("ResolvedRefs"))
                                .singleElement()
                                .extracting(ObjectStatus.Condition::message)
                                .isEqualTo(
                                        "rules[1]: there is no Service shop/ordrs; rules[2]: Service shop/orders has no port"
                                                + " 9999; rules[2]: there is no Service shop/one; and 1 more"));
    }

    @Test
    void reasonsOfBackendsThatCannotBeUsed_areTold() {
        ObjectReference bucket = new ObjectReference("example.com", "Bucket", "", "b");
        assertThat(reason(new RouteRule.Backend(bucket, 1, 1, List.of()))).isEqualTo("False InvalidKind");
        assertThat(reason(backend("orders", 9999, 1))).isEqualTo("False BackendNotFound");
        ObjectReference noPort = new ObjectReference("", "Service", "", "orders");
        assertThat(reason(new RouteRule.Backend(noPort, null, 1, List.of()))).isEqualTo("False BackendNotFound");
    }

    @Test
    void backendInAnotherNamespace_needsAGrant() {
        fixture.serve("vault", "keys", new ServicePort("http", 8080, false));
        RouteRule.Backend foreign =
                new RouteRule.Backend(new ObjectReference("", "Service", "vault", "keys"), 8080, 1, List.of());
        RouteObject keys = route("a").with(rule().to(foreign)).build();
        fixture.apply(gateway(http("web", 80)), keys);
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("False RefNotPermitted");
        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(500);

        fixture.apply(grant("GRPCRoute", "shop", ""), grant("HTTPRoute", "elsewhere", ""));
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("False RefNotPermitted");

        fixture.apply(grant("HTTPRoute", "shop", "other"));
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("False RefNotPermitted");

        fixture.apply(grant("HTTPRoute", "shop", "keys"));
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(fixture.only().getRoute().getCluster()).isEqualTo("keys.vault:8080");

        fixture.remove(grant("HTTPRoute", "shop", "keys"));
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("False RefNotPermitted");

        fixture.apply(grant("HTTPRoute", "shop", ""));
        assertThat(fixture.route(keys, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
    }

    private static ReferenceGrantObject grant(String kind, String namespace, String service) {
        return new ReferenceGrantObject(
                meta("vault", "grant-" + namespace + kind),
                List.of(new ReferenceGrantObject.From("gateway.networking.k8s.io", kind, namespace)),
                List.of(new ReferenceGrantObject.To("", "Service", service)));
    }

    @Test
    void requestAndResponseHeaders_areSetAddedAndRemoved_andPercentIsNoVariable() {
        Route route = served(rule().filter(new RouteFilter.RequestHeaders(
                        List.of(new RouteFilter.Header("X-Set", "100%DOWNSTREAM%")),
                        List.of(new RouteFilter.Header("X-Add", "a")),
                        List.of("X-Gone")))
                .filter(new RouteFilter.ResponseHeaders(
                        List.of(new RouteFilter.Header("X-Out", "b")), List.of(), List.of("Server")))
                .to("orders", 8080));

        HeaderValueOption set = route.getRequestHeadersToAdd(0);
        assertThat(set.getHeader().getValue()).isEqualTo("100%%DOWNSTREAM%%");
        assertThat(set.getAppendAction()).isEqualTo(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD);
        assertThat(route.getRequestHeadersToAdd(1).getAppendAction())
                .isEqualTo(HeaderAppendAction.APPEND_IF_EXISTS_OR_ADD);
        assertThat(route.getRequestHeadersToRemoveList()).containsExactly("X-Gone");
        assertThat(route.getResponseHeadersToAdd(0).getHeader().getKey()).isEqualTo("X-Out");
        assertThat(route.getResponseHeadersToRemoveList()).containsExactly("Server");
    }

    @Test
    void filtersOfABackend_changeItsShareOnly() {
        RouteFilter filter = new RouteFilter.RequestHeaders(
                List.of(new RouteFilter.Header("X-To", "orders")), List.of(), List.of("X-Gone"));
        Route route = served(rule().to(backend("orders", 8080, 1, filter)));

        assertThat(route.getRequestHeadersToAddCount()).isZero();
        var share = route.getRoute().getWeightedClusters().getClusters(0);
        assertThat(share.getRequestHeadersToAdd(0).getHeader().getKey()).isEqualTo("X-To");
        assertThat(share.getRequestHeadersToRemoveList()).containsExactly("X-Gone");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // the rule's prefix, the replacement, Envoy's prefix_rewrite or regex_rewrite
                "/foo, /xyz, /xyz, -",
                "/foo, /xyz/, /xyz, -",
                "/foo/, /xyz, /xyz, -",
                "/foo, '', -, ^\\Q/foo\\E/*",
                "/foo, /, -, ^\\Q/foo\\E/*",
                "/, /xyz, /xyz/, -",
                "/, /, -, -"
            })
    void prefix_isReplacedBySegments(String prefix, String by, @Nullable String rewrite, @Nullable String regex) {
        RouteFilter.Path path = new RouteFilter.Path("ReplacePrefixMatch", by);
        RouteAction forward = action(
                rule().prefix(prefix).filter(new RouteFilter.Rewrite("", path)).to("orders", 8080));
        assertThat(forward.getPrefixRewrite()).isEqualTo(rewrite == null ? "" : rewrite);
        assertThat(forward.getRegexRewrite().getPattern().getRegex()).isEqualTo(regex == null ? "" : regex);

        RedirectAction redirect = served(
                        rule().prefix(prefix).filter(new RouteFilter.Redirect("", "b.example.com", path, null, null)))
                .getRedirect();
        assertThat(redirect.getPrefixRewrite()).isEqualTo(rewrite == null ? "" : rewrite);
        assertThat(redirect.getRegexRewrite().getPattern().getRegex()).isEqualTo(regex == null ? "" : regex);
    }

    @Test
    void hostAndWholePath_areReplaced() {
        RouteAction action = action(rule().filter(
                        new RouteFilter.Rewrite("inner.example.com", new RouteFilter.Path("ReplaceFullPath", "/a\\1")))
                .to("orders", 8080));

        assertThat(action.getHostRewriteLiteral()).isEqualTo("inner.example.com");
        assertThat(action.getRegexRewrite().getPattern().getRegex()).isEqualTo("^/.*$");
        assertThat(action.getRegexRewrite().getSubstitution()).isEqualTo("/a\\\\1");
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                // the listener's port, the filter's scheme and port, the port in the answer (0: none)
                "80, '', -, 0",
                "80, https, -, 0",
                "80, http, -, 0",
                "80, '', 8443, 8443",
                "80, https, 443, 0",
                "80, https, 80, 80",
                "80, '', 80, 0",
                "8080, '', -, 8080",
                "8080, https, -, 0",
                "8080, '', 80, 0"
            })
    void portOfARedirect_isTheGivenOne_orThatOfTheScheme_orTheListeners(
            int listener, String scheme, @Nullable Integer port, int expected) {
        fixture.apply(gateway(http("web", listener)), Routes.redirect("a.example.com", scheme, port));
        List<Route> routes = fixture.host(listener, "a.example.com").getRoutesList();

        assertThat(routes).hasSize(1);
        assertThat(routes.get(0).getRedirect().getPortRedirect()).isEqualTo(expected);
        assertThat(routes.get(0).getRedirect().getSchemeRedirect()).isEqualTo(scheme);
        // Without this, Envoy would keep the port that the request names.
        assertThat(routes.get(0).getRedirect().getHostRedirect()).isEqualTo(expected == 0 ? "a.example.com" : "");
    }

    @Test
    void redirectOfManyHosts_leavesNoPortThatTheRequestNames() {
        fixture.apply(gateway(http("web", 8080)), Routes.redirect("*.example.com", "https", null));
        List<Route> routes = fixture.host(8080, "*.example.com").getRoutesList();

        assertThat(routes).hasSize(2);
        assertThat(routes.get(0).getMatch().getHeaders(0).getName()).isEqualTo(":authority");
        assertThat(routes.get(0).getRedirect().getPortRedirect()).isEqualTo(443);
        assertThat(routes.get(1).getRedirect().getPortRedirect()).isZero();
    }

    @ParameterizedTest
    @CsvSource(
            nullValues = "-",
            value = {
                "-, FOUND",
                "301, MOVED_PERMANENTLY",
                "302, FOUND",
                "303, SEE_OTHER",
                "307, TEMPORARY_REDIRECT",
                "308, PERMANENT_REDIRECT"
            })
    void redirect_hasTheStatusThatItSays(@Nullable Integer status, RedirectAction.RedirectResponseCode code) {
        RouteFilter.Path path = new RouteFilter.Path("ReplaceFullPath", "/new");
        RedirectAction redirect = served(
                        rule().filter(new RouteFilter.Redirect("https", "b.example.com", path, null, status)))
                .getRedirect();

        assertThat(redirect.getResponseCode()).isEqualTo(code);
        assertThat(redirect.getHostRedirect()).isEqualTo("b.example.com");
        assertThat(redirect.getPathRedirect()).isEqualTo("/new");
    }

    @Test
    void mirrors_getAllOrAShareOfTheRequests_underTheSameHost() {
        fixture.serve("shop", "shadow", new ServicePort("http", 8080, false));
        ObjectReference shadow = new ObjectReference("", "Service", "", "shadow");
        RouteAction action = action(rule().filter(new RouteFilter.Mirror(shadow, 8080, null, 100))
                .filter(new RouteFilter.Mirror(shadow, 8080, 25, 100))
                .filter(new RouteFilter.Mirror(shadow, 8080, 1, 3))
                .to("orders", 8080));

        assertThat(action.getRequestMirrorPoliciesList())
                .allMatch(RouteAction.RequestMirrorPolicy::getDisableShadowHostSuffixAppend)
                .extracting(mirror -> mirror.getCluster() + " "
                        + mirror.getRuntimeFraction().getDefaultValue().getNumerator() + " "
                        + mirror.getRuntimeFraction().getDefaultValue().getDenominator())
                .containsExactly(
                        "shadow.shop:8080 100 HUNDRED",
                        "shadow.shop:8080 25 HUNDRED",
                        "shadow.shop:8080 333333 MILLION");
    }

    @Test
    void mirrorThatDoesNotExist_isTold_andRequestsAreServed() {
        RouteFilter mirror = new RouteFilter.Mirror(new ObjectReference("", "Service", "", "none"), 8080, null, 100);
        RouteObject mirrored =
                route("a").with(rule().filter(mirror).to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80)), mirrored);

        assertThat(fixture.route(mirrored, "ResolvedRefs")).isEqualTo("False BackendNotFound");
        assertThat(fixture.only().getRoute().getCluster()).isEqualTo("orders.shop:8080");
        assertThat(fixture.only().getRoute().getRequestMirrorPoliciesCount()).isZero();
    }

    @Test
    void timeouts_areThoseOfTheRule_andNoneWhereItSaysNothing() {
        RouteAction limited = action(rule().timeouts("10s", "500ms").to("orders", 8080));
        assertThat(millis(limited.getTimeout())).isEqualTo(10_000);
        assertThat(millis(limited.getRetryPolicy().getPerTryTimeout())).isEqualTo(500);

        RouteAction unlimited = action(rule().timeouts("0s", "").to("orders", 8080));
        assertThat(unlimited.hasTimeout()).isTrue();
        assertThat(millis(unlimited.getTimeout())).isZero();

        RouteAction silent = action(rule().to("orders", 8080));
        assertThat(silent.hasTimeout()).isTrue();
        assertThat(millis(silent.getTimeout())).isZero();
        assertThat(silent.getRetryPolicy().hasPerTryTimeout()).isFalse();
    }

    @Test
    void withoutARetry_onlyWhatNoPodHasSeenIsTriedAgain_elsewhere() {
        RetryPolicy policy = action(rule().to("orders", 8080)).getRetryPolicy();

        assertThat(policy.getRetryOn()).isEqualTo("connect-failure,refused-stream,reset-before-request");
        assertThat(policy.getRetryHostPredicate(0).getName()).isEqualTo("envoy.retry_host_predicates.previous_hosts");
    }

    @Test
    void retry_isThatOfTheRule() {
        RetryPolicy policy = action(rule().retry(List.of(503, 500), 3, "50ms").to("orders", 8080))
                .getRetryPolicy();

        assertThat(policy.getRetryOn()).isEqualTo("connect-failure,refused-stream,reset,retriable-status-codes");
        assertThat(policy.getRetriableStatusCodesList()).containsExactly(500, 503);
        assertThat(policy.getNumRetries().getValue()).isEqualTo(3);
        assertThat(millis(policy.getRetryBackOff().getBaseInterval())).isEqualTo(50);
        assertThat(millis(policy.getRetryBackOff().getMaxInterval())).isEqualTo(500);
    }

    @Test
    void cors_isToldToTheFilter() throws InvalidProtocolBufferException {
        Route route = served(rule().filter(new RouteFilter.Cors(
                        List.of("https://a.example.com", "https://*.example.com"),
                        true,
                        List.of("GET", "POST"),
                        List.of("X-A"),
                        List.of("X-B"),
                        60))
                .to("orders", 8080));
        Any config = route.getTypedPerFilterConfigOrThrow("envoy.filters.http.cors");
        CorsPolicy policy = config.unpack(CorsPolicy.class);

        assertThat(policy.getAllowOriginStringMatch(0).getExact()).isEqualTo("https://a.example.com");
        assertThat(policy.getAllowOriginStringMatch(1).getSafeRegex().getRegex())
                .isEqualTo("\\Qhttps://\\E.*\\Q.example.com\\E");
        assertThat(policy.getAllowMethods()).isEqualTo("GET, POST");
        assertThat(policy.getAllowCredentials().getValue()).isTrue();
        assertThat(policy.getMaxAge()).isEqualTo("60");
    }

    @Test
    void grpcRouteToAPortThatDoesNotSayHttp2_isSpokenToInHttp2() {
        fixture.apply(
                gateway(http("web", 80)),
                grpcRoute("a").with(rule().to("orders", 8080)).build());
        String name = "orders.shop:8080?protocol=grpc";

        assertThat(fixture.only().getRoute().getCluster()).isEqualTo(name);
        assertThat(fixture.store().wildcardNames(TopologyResourceStore.CLUSTER, GatewayFixture.EDGE_ENVOY))
                .contains(name, "orders.shop:8080");
        assertThat(fixture.store()
                        .wildcardNames(TopologyResourceStore.CLUSTER, new ClientVariant(Family.ENVOY, "shop")))
                .doesNotContain(name);
        Cluster cluster = fixture.get(TopologyResourceStore.CLUSTER, name, Cluster.class);
        assertThat(cluster.getName()).isEqualTo(name);
        assertThat(cluster.getTypedExtensionProtocolOptionsMap()).isNotEmpty();
    }

    @Test
    void routeToAnH2cPort_goesToTheClusterOfTheService() {
        Route hello = served(rule().to("hello", 9090));

        assertThat(hello.getRoute().getCluster()).isEqualTo("hello.shop:9090");
        Cluster cluster = fixture.get(TopologyResourceStore.CLUSTER, "hello.shop:9090", Cluster.class);
        assertThat(cluster.getTypedExtensionProtocolOptionsMap()).isNotEmpty();
    }

    private String reason(RouteRule.Backend backend) {
        RouteObject route = route("a").with(rule().to(backend)).build();
        fixture.apply(gateway(http("web", 80)), route);
        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(500);
        return fixture.route(route, "ResolvedRefs");
    }

    private static long millis(Duration duration) {
        return duration.getSeconds() * 1_000 + duration.getNanos() / 1_000_000;
    }

    private Route served(Rule rule) {
        fixture.apply(gateway(http("web", 80)), Routes.of(rule));
        List<Route> routes = fixture.host(80, "*").getRoutesList();
        return routes.get(routes.size() - 1);
    }

    private RouteAction action(Rule rule) {
        return served(rule).getRoute();
    }

    private RouteMatch match(Rule rule) {
        return served(rule.to("orders", 8080)).getMatch();
    }

    private static final class Routes {
        private Routes() {}

        static RouteObject of(Rule rule) {
            return dev.xdslb.controlplane.gateway.GatewayObjects.route("a")
                    .with(rule)
                    .build();
        }

        static RouteObject redirect(String host, String scheme, @Nullable Integer port) {
            return dev.xdslb.controlplane.gateway.GatewayObjects.route("a")
                    .host(host)
                    .with(rule().filter(new RouteFilter.Redirect(scheme, "", null, port, null)))
                    .build();
        }
    }
}
