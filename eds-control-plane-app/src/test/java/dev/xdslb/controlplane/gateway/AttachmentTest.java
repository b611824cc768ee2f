/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static dev.xdslb.controlplane.gateway.GatewayObjects.allowing;
import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.grpcRoute;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.https;
import static dev.xdslb.controlplane.gateway.GatewayObjects.meta;
import static dev.xdslb.controlplane.gateway.GatewayObjects.parent;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.gateway.GatewayObject.AllowedRoutes;
import dev.xdslb.controlplane.gateway.GatewayObject.Requirement;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.GatewayObject.Selector;
import dev.xdslb.controlplane.gateway.ObjectStatus.OfRoute;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which routes are attached to which listeners, for which hosts, and what is said of it. */
class AttachmentTest {
    private static final String NO_HOST = "";

    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void routeOfTheGatewaysNamespace_isAttachedToEveryListener() {
        RouteObject orders = route("orders").with(rule().to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80), http("alt", 8080)), orders);

        assertThat(fixture.route(orders, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.route(orders, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(fixture.route(orders, "PartiallyInvalid")).isEqualTo("-");
        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(1);
        assertThat(fixture.ofListener("alt").attachedRoutes()).isEqualTo(1);
        assertThat(fixture.host(80, "*").getRoutesCount()).isEqualTo(1);
        assertThat(fixture.host(8080, "*").getRoutesCount()).isEqualTo(1);
    }

    @Test
    void routeThatNamesAListener_isAttachedToThatOne() {
        fixture.apply(
                gateway(http("web", 80), http("alt", 8080)),
                route("orders")
                        .to(parent("", "edge", "alt", null))
                        .with(rule().to("orders", 8080))
                        .build());

        assertThat(fixture.ofListener("web").attachedRoutes()).isZero();
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isZero();
        assertThat(fixture.host(8080, "*").getRoutesCount()).isEqualTo(1);
    }

    @Test
    void routeThatNamesAPort_isAttachedToTheListenersThere() {
        fixture.apply(
                gateway(http("web", 80), http("alt", 8080)),
                route("orders")
                        .to(parent("", "edge", "", 80))
                        .with(rule().to("orders", 8080))
                        .build());

        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(1);
        assertThat(fixture.ofListener("alt").attachedRoutes()).isZero();
    }

    @Test
    void listenerThatDoesNotExist_isNoMatchingParent() {
        RouteObject byName = route("a")
                .to(parent("", "edge", "none", null))
                .with(rule().to("orders", 8080))
                .build();
        RouteObject byPort = route("b")
                .to(parent("", "edge", "", 81))
                .with(rule().to("orders", 8080))
                .build();
        RouteObject byBoth = route("c")
                .to(parent("", "edge", "web", 81))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(http("web", 80)), byName, byPort, byBoth);

        for (RouteObject route : List.of(byName, byPort, byBoth)) {
            assertThat(fixture.route(route, "Accepted")).isEqualTo("False NoMatchingParent");
        }
        assertThat(fixture.ofListener("web").attachedRoutes()).isZero();
    }

    @Test
    void gatewayThatIsNotOurs_isNothingThatWeSaySomethingOf() {
        RouteObject other =
                route("a").to(parent("other")).with(rule().to("orders", 8080)).build();
        RouteObject service = route("b")
                .to(new RouteObject.ParentReference(new ObjectReference("", "Service", "", "edge"), "", null))
                .build();
        fixture.apply(gateway(http("web", 80)), other, service);

        assertThat(fixture.gateways().status(other.id())).isNull();
        assertThat(fixture.gateways().status(service.id())).isNull();
    }

    @Test
    void eachParent_hasAConditionOfItsOwn() {
        RouteObject both = route("a")
                .to(parent("", "edge", "web", null))
                .to(parent("", "edge", "none", null))
                .to(parent("elsewhere"))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(http("web", 80)), both);

        OfRoute status =
                (OfRoute) java.util.Objects.requireNonNull(fixture.gateways().status(both.id()));
        assertThat(status.parents()).hasSize(2);
        assertThat(status.parents().get(0).conditions().get(0).reason()).isEqualTo("Accepted");
        assertThat(status.parents().get(1).conditions().get(0).reason()).isEqualTo("NoMatchingParent");
    }

    @Test
    void otherNamespace_isAllowedOnlyWhereTheListenerSaysSo() {
        fixture.serve("team", "orders", new ServicePort("http", 8080, false));
        RouteObject foreign = route("a")
                .in("team")
                .to(parent("shop", "edge", "", null))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(http("web", 80)), foreign);
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("False NotAllowedByListeners");

        fixture.apply(gateway(allowing(http("web", 80), new AllowedRoutes("All", null, List.of()))));
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.only().getRoute().getCluster()).isEqualTo("orders.team:8080");
    }

    @Test
    void selectorOfNamespaces_followsTheirLabels() {
        fixture.serve("team", "orders", new ServicePort("http", 8080, false));
        Selector selector = new Selector(
                Map.of("edge", "yes"),
                List.of(
                        new Requirement("tier", "In", List.of("gold", "silver")),
                        new Requirement("tier", "NotIn", List.of("bronze")),
                        new Requirement("tier", "Exists", List.of()),
                        new Requirement("blocked", "DoesNotExist", List.of())));
        RouteObject foreign = route("a")
                .in("team")
                .to(parent("shop", "edge", "", null))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(allowing(http("web", 80), new AllowedRoutes("Selector", selector, List.of()))), foreign);
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("False NotAllowedByListeners");

        fixture.apply(new NamespaceObject("team", Map.of("edge", "yes", "tier", "gold"), ""));
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("True Accepted");

        fixture.apply(new NamespaceObject("team", Map.of("edge", "yes", "tier", "gold", "blocked", ""), ""));
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("False NotAllowedByListeners");

        fixture.apply(new NamespaceObject("team", Map.of("edge", "yes", "tier", "bronze"), ""));
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("False NotAllowedByListeners");
    }

    @Test
    void namespaceThatIsNotKnown_isSelectedByNoSelector() {
        fixture.serve("team", "orders", new ServicePort("http", 8080, false));
        Selector unblocked = new Selector(Map.of(), List.of(new Requirement("blocked", "DoesNotExist", List.of())));
        RouteObject foreign = route("a")
                .in("team")
                .to(parent("shop", "edge", "", null))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(allowing(http("web", 80), new AllowedRoutes("Selector", unblocked, List.of()))), foreign);
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("False NotAllowedByListeners");

        fixture.apply(new NamespaceObject("team", Map.of(), ""));
        assertThat(fixture.route(foreign, "Accepted")).isEqualTo("True Accepted");
    }

    @Test
    void kindThatTheListenerDoesNotAllow_isRefused() {
        AllowedRoutes grpcOnly =
                new AllowedRoutes("Same", null, List.of(new RouteKind("gateway.networking.k8s.io", "GRPCRoute")));
        RouteObject orders = route("a").with(rule().to("orders", 8080)).build();
        RouteObject hello = grpcRoute("b").with(rule().to("hello", 9090)).build();
        fixture.apply(gateway(allowing(http("web", 80), grpcOnly)), orders, hello);

        assertThat(fixture.route(orders, "Accepted")).isEqualTo("False NotAllowedByListeners");
        assertThat(fixture.route(hello, "Accepted")).isEqualTo("True Accepted");
    }

    @ParameterizedTest
    @CsvSource({
        "a.example.com, a.example.com, a.example.com",
        "*.example.com, a.example.com, a.example.com",
        "a.example.com, *.example.com, a.example.com",
        "*.example.com, *.example.com, *.example.com",
        "*.com, *.example.com, *.example.com",
        "*.a.example.com, *.example.com, *.a.example.com",
        "*.example.com, a.b.example.com, a.b.example.com",
        "'', a.example.com, a.example.com",
        "A.Example.com, a.example.COM, a.example.com"
    })
    void hostname_isWhatListenerAndRouteHaveInCommon(String listener, String hostname, String domain) {
        RouteObject orders =
                route("a").host(hostname).with(rule().to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80, listener)), orders);

        assertThat(fixture.route(orders, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.host(80, domain).getRoutesCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @CsvSource({
        "a.example.com, b.example.com",
        "*.example.com, example.com",
        "example.com, *.example.com",
        "*.example.com, *.example.org",
        "*.example.com, badexample.com"
    })
    void hostnamesWithNothingInCommon_doNotGoTogether(String listener, String hostname) {
        RouteObject orders =
                route("a").host(hostname).with(rule().to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80, listener)), orders);

        assertThat(fixture.route(orders, "Accepted")).isEqualTo("False NoMatchingListenerHostname");
    }

    @Test
    void routeWithoutHostname_getsTheListeners() {
        fixture.apply(
                gateway(http("web", 80, "*.example.com")),
                route("a").with(rule().to("orders", 8080)).build());

        assertThat(fixture.routes("shop/edge:80").getVirtualHostsList())
                .extracting(host -> host.getDomains(0))
                .containsExactly("*.example.com");
    }

    @Test
    void ofSeveralHostnames_thoseCountThatGoWithTheListener() {
        fixture.apply(
                gateway(http("web", 80, "*.example.com")),
                route("a")
                        .host("a.example.com", "b.example.org", "c.example.com")
                        .with(rule().to("orders", 8080))
                        .build());

        assertThat(fixture.routes("shop/edge:80").getVirtualHostsList())
                .extracting(host -> host.getDomains(0))
                .containsExactlyInAnyOrder("*.example.com", "a.example.com", "c.example.com");
        assertThat(fixture.host(80, "*.example.com").getRoutesCount()).isZero();
    }

    @Test
    void hostnameThatIsNone_refusesTheRoute() {
        RouteObject odd =
                route("a").host("exa mple.com").with(rule().to("orders", 8080)).build();
        RouteObject address =
                route("b").host("10.0.0.1").with(rule().to("orders", 8080)).build();
        fixture.apply(gateway(http("web", 80)), odd, address);

        assertThat(fixture.route(odd, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.route(address, "Accepted")).isEqualTo("False UnsupportedValue");
    }

    /** Listener isolation: a request belongs to the listener with the closest hostname, and to no other. */
    @Test
    void hostThatBelongsToACloserListener_isNotServedByAnother() {
        fixture.apply(
                gateway(http("all", 80), http("wild", 80, "*.example.com"), http("exact", 80, "a.example.com")),
                route("all")
                        .host("a.example.com", "b.example.com", "c.example.org")
                        .to(parent("", "edge", "all", null))
                        .with(rule().prefix("/all").to("orders", 8080))
                        .build(),
                route("wild")
                        .to(parent("", "edge", "wild", null))
                        .with(rule().prefix("/wild").to("orders", 8080))
                        .build());

        List<VirtualHost> hosts = fixture.routes("shop/edge:80").getVirtualHostsList();
        assertThat(hosts)
                .extracting(host -> host.getDomains(0))
                .containsExactlyInAnyOrder("*.example.com", "a.example.com", "c.example.org");
        assertThat(fixture.host(80, "a.example.com").getRoutesCount()).isZero();
        assertThat(fixture.host(80, "*.example.com").getRoutesList())
                .extracting(route -> route.getMatch().getPathSeparatedPrefix())
                .containsExactly("/wild");
        assertThat(fixture.host(80, "c.example.org").getRoutesCount()).isEqualTo(1);
    }

    @Test
    void routeAtAListenerThatCannotBeServed_isAttached_andToldSo() {
        RouteObject orders = route("a").with(rule().to("orders", 8080)).build();
        fixture.apply(gateway(https("tls", 443, "", "missing"), http("web", 80)), orders);

        assertThat(fixture.route(orders, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.message(orders, "Accepted")).contains("not served by tls");
        assertThat(fixture.ofListener("tls").attachedRoutes()).isEqualTo(1);
    }

    @Test
    void routesOfBothKindsForOneHost_theOlderIsServed() {
        RouteObject older = route("z")
                .host("a.example.com")
                .minute(1)
                .with(rule().to("orders", 8080))
                .build();
        RouteObject younger = grpcRoute("a")
                .host("*.example.com")
                .minute(2)
                .with(rule().to("hello", 9090))
                .build();
        RouteObject elsewhere = grpcRoute("b")
                .host("a.example.org")
                .minute(3)
                .with(rule().to("hello", 9090))
                .build();
        fixture.apply(gateway(http("web", 80)), younger, older, elsewhere);

        assertThat(fixture.route(older, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.route(younger, "Accepted")).isEqualTo("False HostnameConflict");
        assertThat(fixture.route(elsewhere, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(2);
        assertThat(fixture.host(80, "*.example.com").getRoutesCount()).isZero();

        fixture.remove(older);
        assertThat(fixture.route(younger, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.host(80, "*.example.com").getRoutesCount()).isEqualTo(1);
    }

    @Test
    void refusedRouteThatAnswersWithErrors_sharesNoHostWithTheOtherKindEither() {
        RouteObject older = route("z")
                .host("a.example.com")
                .minute(1)
                .with(rule().to("orders", 8080))
                .build();
        RouteObject refused = grpcRoute("a")
                .host("a.example.com")
                .minute(2)
                .with(rule().filter(new RouteFilter.Rewrite("b.example.com", null))
                        .to("hello", 9090))
                .build();
        fixture.apply(gateway(http("web", 80)), older, refused);

        assertThat(fixture.host(80, "a.example.com").getRoutesList())
                .singleElement()
                .satisfies(route -> assertThat(route.getRoute().getCluster()).isEqualTo("orders.shop:8080"));
        assertThat(fixture.route(refused, "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.ofListener("web").attachedRoutes()).isEqualTo(1);
    }

    @Test
    void routeWithoutHostname_sharesAllHostsWithTheOtherKind_whereItIsAttachedOnly() {
        RouteObject everything = route("z")
                .to(parent("", "edge", "alt", null))
                .minute(1)
                .with(rule().to("orders", 8080))
                .build();
        RouteObject hello = grpcRoute("a")
                .host("a.example.com")
                .minute(2)
                .with(rule().to("hello", 9090))
                .build();
        fixture.apply(gateway(http("web", 80), http("alt", 81)), everything, hello);

        assertThat(fixture.route(hello, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.host(80, "a.example.com").getRoutesCount()).isEqualTo(1);
        assertThat(fixture.host(81, "a.example.com").getRoutesCount()).isZero();
        assertThat(fixture.ofListener("alt").attachedRoutes()).isEqualTo(1);
    }

    @Test
    void routeThatChangesItsParent_leavesTheOldOne() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a").with(rule().to("orders", 8080)).build());
        fixture.told();

        RouteObject moved =
                route("a").to(parent("other")).with(rule().to("orders", 8080)).build();
        fixture.apply(moved);

        assertThat(fixture.told()).containsEntry(moved.id(), null);
        assertThat(fixture.ofListener("web").attachedRoutes()).isZero();
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isZero();
    }

    @Test
    void routeOfManyGateways_isServedByEach() {
        GatewayObject second =
                new GatewayObject(meta("shop", "second"), "xdslb", List.of(http("web", 80)), List.of(), List.of());
        RouteObject orders = route("a")
                .to(parent("edge"))
                .to(parent("second"))
                .with(rule().to("orders", 8080))
                .build();
        fixture.apply(gateway(http("web", 80)), second, orders);

        assertThat(fixture.gateways().view(new GatewayKey("shop", "second"))).isNotNull();
        OfRoute status =
                (OfRoute) java.util.Objects.requireNonNull(fixture.gateways().status(orders.id()));
        assertThat(status.parents()).hasSize(2);
        assertThat(fixture.host(80, "*").getName()).isNotEqualTo(NO_HOST);
    }
}
