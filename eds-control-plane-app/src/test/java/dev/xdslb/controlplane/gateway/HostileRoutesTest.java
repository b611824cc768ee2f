/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static dev.xdslb.controlplane.gateway.GatewayObjects.backend;
import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.grpcRoute;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.named;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.gateway.GatewayObjects.Rule;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What cannot be used is said with its reason, spoils nothing else, and never reaches Envoy. */
class HostileRoutesTest {
    private final GatewayFixture fixture = new GatewayFixture();

    static Stream<Arguments> matchesThatCannotBeUsed() {
        return Stream.of(
                Arguments.of("no RE2", rule().path("RegularExpression", "*.example"), "no regular expression"),
                Arguments.of("look-ahead", rule().path("RegularExpression", "(?=a)"), "no regular expression"),
                Arguments.of("back-reference", rule().path("RegularExpression", "(a)\\1"), "no regular expression"),
                Arguments.of("a megabyte", rule().path("RegularExpression", "a".repeat(1 << 20)), "1048576 characters"),
                Arguments.of("nested", rule().path("RegularExpression", "((a{100}){100}){100}"), "too large"),
                Arguments.of("repeated too often", rule().path("RegularExpression", "/(a{50}){50}"), "2500 times"),
                Arguments.of("empty header regex", rule().match(headerRegex("")), "is empty"),
                Arguments.of("empty query regex", rule().match(queryRegex("")), "is empty"),
                Arguments.of("header regex", rule().match(headerRegex("[")), "no regular expression"),
                Arguments.of("pseudo-header", rule().headers(":path", "/"), "header \":path\""),
                Arguments.of("header with space", rule().headers("a b", "1"), "header \"a b\""),
                Arguments.of("header with newline", rule().headers("a", "1\n2"), "control characters"),
                Arguments.of("header without name", rule().headers("", "1"), "header \"\""),
                Arguments.of("relative path", rule().prefix("a"), "begins with /"),
                Arguments.of("path with query", rule().prefix("/a?b"), "begins with /"),
                Arguments.of("path with dots", rule().prefix("/a/../b"), "begins with /"),
                Arguments.of("double slash", rule().path("Exact", "/a//b"), "begins with /"),
                Arguments.of("encoded slash", rule().path("Exact", "/a%2Fb"), "begins with /"),
                Arguments.of("long path", rule().prefix("/" + "a".repeat(5_000)), "5001 characters"),
                Arguments.of("unknown type", rule().path("Glob", "/*"), "path type \"Glob\""),
                Arguments.of("unknown method", rule().method("FETCH"), "method \"FETCH\""),
                Arguments.of("many headers", rule().headers(many(40)), "20 headers"));
    }

    private static Match headerRegex(String regex) {
        RouteRule.Named header = new RouteRule.Named("a", new RouteRule.Value("RegularExpression", regex));
        return new Match(null, "", List.of(header), List.of(), null);
    }

    private static Match queryRegex(String regex) {
        RouteRule.Named query = new RouteRule.Named("a", new RouteRule.Value("RegularExpression", regex));
        return new Match(null, "", List.of(), List.of(query), null);
    }

    private static String[] many(int count) {
        return IntStream.range(0, count).mapToObj(i -> "h" + i).toArray(String[]::new);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("matchesThatCannotBeUsed")
    void ruleWhoseMatchesCannotBeUsed_isDropped_andTheOthersAreServed(String what, Rule bad, String message) {
        RouteObject half = route("half")
                .with(bad.to("orders", 8080))
                .with(rule().prefix("/good").to("orders", 8080))
                .build();
        RouteObject none = route("none").with(bad).build();
        RouteObject other =
                route("other").with(rule().prefix("/other").to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80)), half, none, other);

        assertThat(fixture.route(half, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.route(half, "PartiallyInvalid")).isEqualTo("True UnsupportedValue");
        assertThat(fixture.message(half, "PartiallyInvalid"))
                .startsWith("Dropped Rule")
                .contains(message);
        assertThat(fixture.message(half, "PartiallyInvalid").length()).isLessThan(1_000);
        assertThat(fixture.route(none, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.message(none, "Accepted")).contains(message);
        assertThat(fixture.host(80, "*").getRoutesList())
                .extracting(route -> route.getMatch().getPathSeparatedPrefix())
                .containsExactly("/other", "/good");
        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(2);
    }

    @Test
    void emptyExpressionOfAPath_isTheDefaultOfTheApi() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .with(rule().path("RegularExpression", "").to("orders", 8080))
                        .build());

        assertThat(fixture.only().getMatch().getSafeRegex().getRegex()).isEqualTo("/");
    }

    @Test
    void grpcExpressionThatSpoilsWhatIsAroundIt_isRefused_andAnEmptyOneMeansAll() {
        RouteObject quoted = grpcRoute("quoted")
                .with(rule().call("RegularExpression", "\\Qa", "").to("hello", 9090))
                .build();
        RouteObject all = grpcRoute("all")
                .with(rule().call("RegularExpression", "a.*", "").to("hello", 9090))
                .build();
        fixture.apply(gateway(http("web", 80)), quoted, all);

        assertThat(fixture.route(quoted, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.message(quoted, "Accepted")).contains("no regular expression");
        assertThat(fixture.only().getMatch().getSafeRegex().getRegex()).isEqualTo("/(?:a.*)/[^/]+");
    }

    static Stream<Arguments> actionsThatCannotBeUsed() {
        RouteFilter.Path prefix = new RouteFilter.Path("ReplacePrefixMatch", "/x");
        return Stream.of(
                Arguments.of(
                        "extension",
                        rule().filter(new RouteFilter.Unknown("ExtensionRef", "Auth x")),
                        "ExtensionRef (Auth x)"),
                Arguments.of("newer field", rule().unsupported("sessionPersistence"), "sessionPersistence"),
                Arguments.of("negative weight", rule().to(backend("orders", 8080, -1)), "weight -1"),
                Arguments.of("huge weight", rule().to(backend("orders", 8080, Integer.MAX_VALUE)), "weight 2147483647"),
                Arguments.of("pseudo-header", rule().filter(set(":path", "/")), "header \":path\""),
                Arguments.of("host header", rule().filter(set("Host", "a")), "header Host"),
                Arguments.of("newline", rule().filter(set("a", "b\r\nc: d")), "control characters"),
                Arguments.of("twice", rule().filter(set("a", "b")).filter(set("c", "d")), "same filter twice"),
                Arguments.of(
                        "redirect and rewrite",
                        rule().filter(redirect("", "", null, null))
                                .filter(new RouteFilter.Rewrite("a.example.com", null)),
                        "one rule"),
                Arguments.of("scheme", rule().filter(redirect("ftp", "", null, null)), "scheme \"ftp\""),
                Arguments.of(
                        "redirect to a wildcard", rule().filter(redirect("", "*.a", null, null)), "without a wildcard"),
                Arguments.of("status", rule().filter(redirect("", "", null, 200)), "status 200"),
                Arguments.of("port", rule().filter(redirect("", "", 70_000, null)), "port 70000"),
                Arguments.of(
                        "prefix of an exact path",
                        rule().path("Exact", "/a").filter(new RouteFilter.Rewrite("", prefix)),
                        "ReplacePrefixMatch"),
                Arguments.of("time-out", rule().timeouts("ten", ""), "timeouts.request \"ten\""),
                Arguments.of("longer try", rule().timeouts("1s", "2s"), "backendRequest"),
                Arguments.of("retry of a success", rule().retry(List.of(200), null, ""), "retry of status 200"),
                Arguments.of("many tries", rule().retry(List.of(), 1000, ""), "retry.attempts 1000"),
                Arguments.of("back-off", rule().retry(List.of(), 1, "0s"), "retry.backoff"),
                Arguments.of(
                        "filter of a backend",
                        rule().to(backend("orders", 8080, 1, new RouteFilter.Rewrite("a", null))),
                        "a backend cannot have"));
    }

    private static RouteFilter set(String name, String value) {
        return new RouteFilter.RequestHeaders(List.of(new RouteFilter.Header(name, value)), List.of(), List.of());
    }

    private static RouteFilter redirect(
            String scheme,
            String host,
            @org.jspecify.annotations.Nullable Integer port,
            @org.jspecify.annotations.Nullable Integer status) {
        return new RouteFilter.Redirect(scheme, host, null, port, status);
    }

    /** A filter that is left out may be the one that keeps somebody out. */
    @ParameterizedTest(name = "{0}")
    @MethodSource("actionsThatCannotBeUsed")
    void requestsOfARuleThatCannotBeObeyed_getAnError_andGoNowhereElse(String what, Rule bad, String message) {
        RouteObject half = route("half")
                .with(bad.to("orders", 8080))
                .with(rule().method("GET").to("orders", 8080))
                .build();
        fixture.apply(gateway(http("web", 80)), half);

        assertThat(fixture.route(half, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.message(half, "PartiallyInvalid")).contains(message);
        assertThat(fixture.host(80, "*").getRoutesList())
                .filteredOn(route -> route.getName().contains("rule 0"))
                .hasSize(1)
                .allMatch(route -> route.getDirectResponse().getStatus() == 500);
    }

    @Test
    void filterThatAGrpcRouteDoesNotHave_isRefused() {
        RouteObject odd = grpcRoute("g")
                .with(rule().filter(new RouteFilter.Rewrite("a.example.com", null))
                        .to("hello", 9090))
                .build();
        fixture.apply(gateway(http("web", 80)), odd);

        assertThat(fixture.route(odd, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.only().getDirectResponse().getStatus()).isEqualTo(503);
    }

    @Test
    void routeWithMoreThanTheApiAllows_isRefused() {
        GatewayObjects.Route rules = route("rules");
        IntStream.range(0, 1_000).forEach(i -> rules.with(rule().prefix("/" + i).to("orders", 8080)));
        Rule manyMatches = rule().to("orders", 8080);
        IntStream.range(0, 10_000).forEach(i -> manyMatches.prefix("/" + i));
        RouteObject one = rules.build();
        RouteObject two = route("matches").with(manyMatches).build();
        fixture.apply(gateway(http("web", 80)), one, two);

        assertThat(fixture.route(one, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.route(two, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isZero();
    }

    @Test
    void routeThatCouldNotBeRead_saysWhy() {
        Meta unread = new Meta("shop", "a", 1, null, List.of("spec.rules[0].matches is a number"), "");
        RouteObject route = new RouteObject(
                RouteObject.Kind.HTTP, unread, List.of(GatewayObjects.parent("edge")), List.of(), List.of());
        fixture.apply(gateway(http("web", 80)), route);

        assertThat(fixture.route(route, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.message(route, "Accepted")).contains("spec.rules[0].matches is a number");
    }

    @Test
    void tenThousandRoutes_inAnyOrder_makeTheSameRoutes() {
        List<RouteObject> routes = new ArrayList<>(IntStream.range(0, 10_000)
                .mapToObj(i -> route("r" + i)
                        .host("h" + i % 5_000 + ".example.com")
                        .minute(i)
                        .with(rule().to("orders", 8080))
                        .build())
                .toList());
        GatewayFixture shuffled = new GatewayFixture();
        fixture.apply(gateway(http("web", 80)));
        fixture.apply(routes.toArray(RouteObject[]::new));
        Collections.shuffle(routes, new java.util.Random(7));
        shuffled.apply(routes.toArray(RouteObject[]::new));
        shuffled.apply(gateway(http("web", 80)));

        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isEqualTo(5_000);
        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(10_000);
        assertThat(shuffled.routes("shop/edge:80")).isEqualTo(fixture.routes("shop/edge:80"));
        fixture.remove(routes.toArray(RouteObject[]::new));
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isZero();
        assertThat(fixture.gateways().statuses()).hasSize(2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/api/[0-9]{1,9}",
                "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
                "(a|b)*c?",
                "\\d{2,}",
                "{",
                "a{,5}",
                "[]a]",
                "x{2}{3}",
                "/\\pL{1,64}",
                "/\\x{1F600}/",
                "/.{1,200}",
                "/\\Q(a{9}\\E{3}"
            })
    void usualExpressions_areTaken(String expression) {
        // What RE2 itself takes: only the size is ours.
        assertThat(java.util.Objects.requireNonNullElse(RegularExpression.problem(expression), ""))
                .doesNotContain("too large");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "(a{1000}){1000}",
                "(\\pL{100}){100}",
                "((((a{10}){10}){10}){10}){10}",
                "a{99999}",
                "(a{50}){50}",
                "((a{10}){10}){11,}",
                "(a{501}|b){2}",
                "(\\Q)\\Ea{50}){50}",
                "{(a{50}}){50}",
                "\\pL{900}",
                "[\\p{Greek}a]{900}",
                "[[:^alpha:]]{1000}[^a]{1000}",
                "(a{100}b{100}){100}"
            })
    void expressionsThatGrow_areRefusedBeforeTheyAreCompiled(String expression) {
        assertThat(RegularExpression.problem(expression)).contains("too large");
    }

    @ParameterizedTest
    @ValueSource(strings = {"10", "s", "1h2", "-1s", "1.5s", "123456s", "1s1s1s1s1s", ""})
    void durationsThatAreNone_areRefused(String text) {
        assertThat(Durations.parse(text)).isNull();
    }

    @Test
    void durations_areSums() {
        assertThat(Durations.parse("1h30m1s500ms")).isEqualTo(java.time.Duration.ofMillis(5_401_500));
        assertThat(named("a", "b")).hasSize(1);
    }
}
