/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.grpcRoute;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.named;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.gateway.RouteRule.Match;
import dev.xdslb.controlplane.gateway.RouteRule.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

/** In which order the matches of one host are tried, over all routes that have it. */
class PrecedenceTest {
    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void exactPath_thenRegularExpression_thenTheLongestPrefix() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .with(rule().prefix("/").to("orders", 8080))
                        .with(rule().prefix("/longer/prefix").to("orders", 8080))
                        .with(rule().path("RegularExpression", "/re.*").to("orders", 8080))
                        .with(rule().prefix("/short").to("orders", 8080))
                        .with(rule().path("Exact", "/e").to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("a 4", "a 2", "a 1", "a 3", "a 0");
    }

    @Test
    void amongEqualPaths_methodThenHeadersThenQuery() {
        Value path = new Value("PathPrefix", "/a");
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .with(rule().match(new Match(path, "", List.of(), List.of(), null))
                                .to("orders", 8080))
                        .with(rule().match(new Match(path, "", List.of(), named("q", "1"), null))
                                .to("orders", 8080))
                        .with(rule().match(new Match(path, "", named("h", "1"), List.of(), null))
                                .to("orders", 8080))
                        .with(rule().match(new Match(path, "", named("h", "1", "i", "2"), List.of(), null))
                                .to("orders", 8080))
                        .with(rule().match(new Match(path, "GET", List.of(), List.of(), null))
                                .to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("a 4", "a 3", "a 2", "a 1", "a 0");
    }

    @Test
    void headerThatIsThereTwice_countsOnce() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .with(rule().headers("h", "1", "H", "2", "h", "3").to("orders", 8080))
                        .with(rule().headers("h", "1", "i", "2").to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("a 1", "a 0");
    }

    @Test
    void amongEqualMatches_theOlderRoute_whateverCameLast() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a").minute(2).with(rule().to("orders", 8080)).build(),
                route("z").minute(1).with(rule().to("orders", 8080)).build());

        assertThat(rules()).containsExactly("z 0", "a 0");
    }

    @Test
    void amongRoutesOfOneAge_theFirstByName() {
        fixture.apply(
                gateway(http("web", 80)),
                route("b").with(rule().to("orders", 8080)).build(),
                route("a").with(rule().to("orders", 8080)).build());

        assertThat(rules()).containsExactly("a 0", "b 0");
    }

    @Test
    void amongRulesOfOneRoute_theFirst() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .with(rule().to("orders", 8080))
                        .with(rule().to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("a 0", "a 1");
    }

    @Test
    void moreSpecificMatchOfAYoungerRoute_comesFirst() {
        fixture.apply(
                gateway(http("web", 80)),
                route("old")
                        .minute(1)
                        .with(rule().prefix("/").to("orders", 8080))
                        .build(),
                route("young")
                        .minute(9)
                        .with(rule().prefix("/deep").to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("young 0", "old 0");
    }

    @Test
    void prefixWithASlashAtItsEnd_isAsLongAsWithout() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a")
                        .minute(1)
                        .with(rule().prefix("/foo").to("orders", 8080))
                        .build(),
                route("b")
                        .minute(2)
                        .with(rule().prefix("/foo/").to("orders", 8080))
                        .build());

        assertThat(rules()).containsExactly("a 0", "b 0");
    }

    @Test
    void ofCalls_theLongerServiceThenTheLongerMethodThenHeaders() {
        fixture.apply(
                gateway(http("web", 80)),
                grpcRoute("g")
                        .with(rule().to("hello", 9090))
                        .with(rule().headers("h", "1").to("hello", 9090))
                        .with(rule().call("Exact", "", "Say").to("hello", 9090))
                        .with(rule().call("Exact", "pkg.Long", "").to("hello", 9090))
                        .with(rule().call("Exact", "pkg.Long", "Say").to("hello", 9090))
                        .with(rule().call("Exact", "pkg.Longer", "").to("hello", 9090))
                        .build());

        assertThat(rules()).containsExactly("g 5", "g 4", "g 3", "g 2", "g 1", "g 0");
    }

    private List<String> rules() {
        return fixture.host(80, "*").getRoutesList().stream()
                .map(route -> route.getName().replaceAll("(HTTP|GRPC)Route shop/(\\w+) rule (\\d+) match 0", "$2 $3"))
                .toList();
    }
}
