/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.https;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.gateway.GatewayFixture;
import dev.xdslb.controlplane.gateway.GatewayObject;
import dev.xdslb.controlplane.gateway.GatewayObjects;
import dev.xdslb.controlplane.gateway.GatewaySecrets;
import dev.xdslb.controlplane.gateway.GatewaySettings;
import dev.xdslb.controlplane.topology.ServicePort;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the Envoy of a Gateway is to listen to, who gets it, and what a change touches. */
class GatewayListenersTest {
    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void port_isAListener_withTheBoundsOfAnEdge() throws InvalidProtocolBufferException {
        fixture.apply(gateway(http("web", 80), http("wild", 80, "*.example.com")));
        Listener listener = fixture.get(TopologyResourceStore.LISTENER, "shop/edge:80", Listener.class);
        HttpConnectionManager manager = manager(listener.getFilterChains(0));

        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
        assertThat(listener.getAddress().getSocketAddress().getPortValue()).isEqualTo(80);
        assertThat(listener.getFilterChainsCount()).isEqualTo(1);
        assertThat(listener.getPerConnectionBufferLimitBytes().getValue()).isEqualTo(32 << 10);
        assertThat(manager.getRds().getRouteConfigName()).isEqualTo("shop/edge:80");
        assertThat(manager.getStatPrefix()).isEqualTo("shop.edge.80");
        assertThat(manager.getUseRemoteAddress().getValue()).isTrue();
        assertThat(manager.getNormalizePath().getValue()).isTrue();
        assertThat(manager.getHttp2ProtocolOptions().getMaxConcurrentStreams().getValue())
                .isEqualTo(100);
        assertThat(manager.hasStreamIdleTimeout()).isTrue();
        assertThat(manager.hasRequestHeadersTimeout()).isTrue();
        assertThat(manager.getUpgradeConfigs(0).getUpgradeType()).isEqualTo("websocket");
        assertThat(manager.getHttpFilters(manager.getHttpFiltersCount() - 1).getName())
                .isEqualTo("envoy.filters.http.router");
    }

    @Test
    void gatewayListensToIpv4_andToIpv6WhereThatIsAskedFor() {
        fixture.apply(gateway(http("web", 80)));
        assertThat(address(fixture)).isEqualTo("0.0.0.0 false");
        fixture.announced();

        fixture.apply(withFamily(true));
        assertThat(address(fixture)).isEqualTo(":: true");
        assertThat(fixture.announced()).contains("LISTENER shop/edge:80");

        GatewayFixture dualStack = new GatewayFixture(new GatewaySettings(true, true, true));
        dualStack.apply(gateway(http("web", 80)));
        assertThat(address(dualStack)).isEqualTo(":: true");
        dualStack.apply(withFamily(false));
        assertThat(address(dualStack)).isEqualTo("0.0.0.0 false");
    }

    private static GatewayObject withFamily(boolean dualStack) {
        GatewayObject plain = gateway(http("web", 80));
        return new GatewayObject(plain.meta(), plain.className(), plain.listeners(), List.of(), List.of(), dualStack);
    }

    private static String address(GatewayFixture of) {
        SocketAddress address = of.get(TopologyResourceStore.LISTENER, "shop/edge:80", Listener.class)
                .getAddress()
                .getSocketAddress();
        return address.getAddress() + " " + address.getIpv4Compat();
    }

    @Test
    void portInTheHostHeader_doesNotMatter() {
        fixture.apply(gateway(http("web", 8080)));

        assertThat(fixture.routes("shop/edge:8080").getIgnorePortInHostMatching())
                .isTrue();
    }

    @Test
    void otherEnvoys_getNoListener_andAreToldWhoseItIs() {
        fixture.apply(gateway(http("web", 80)));

        for (ClientVariant other : List.of(
                new ClientVariant(Family.ENVOY, "shop"),
                new ClientVariant(Family.ENVOY, "shop", ClientPlace.UNKNOWN, "", "shop/other"),
                new ClientVariant(Family.GRPC, "shop"))) {
            assertThat(fixture.store().wildcardNames(TopologyResourceStore.LISTENER, other))
                    .isEmpty();
            for (var type : List.of(TopologyResourceStore.LISTENER, TopologyResourceStore.ROUTE)) {
                assertThat(fixture.store().lookup(type, "shop/edge:80", other))
                        .isInstanceOfSatisfying(
                                Lookup.Missing.class,
                                missing -> assertThat(missing.message()).contains("\"gateway\": \"shop/edge\""));
            }
        }
    }

    @Test
    void namesThatAreNone_areMissing() {
        fixture.apply(gateway(http("web", 80)));

        for (String name :
                List.of("shop/edge:81", "shop/edge:080", "shop/edge:x", "shop/edge:80/none", "shop/edge:999999")) {
            assertThat(fixture.store().lookup(TopologyResourceStore.ROUTE, name, GatewayFixture.EDGE_ENVOY))
                    .as(name)
                    .isInstanceOf(Lookup.Missing.class);
        }
    }

    @Test
    void https_isAFilterChainPerListener_byTheNameOfTheServer() throws InvalidProtocolBufferException {
        fixture.apply(
                GatewaySecrets.of("shop", "one"),
                GatewaySecrets.of("shop", "two"),
                gateway(
                        https("a", 443, "a.example.com", "one"),
                        https("wild", 443, "*.example.com", "two", "one"),
                        https("rest", 443, "", "one")),
                route("r").with(rule().to("orders", 8080)).build());
        Listener listener = fixture.get(TopologyResourceStore.LISTENER, "shop/edge:443", Listener.class);

        assertThat(listener.getListenerFilters(0).getName()).isEqualTo("envoy.filters.listener.tls_inspector");
        List<String> chains = new ArrayList<>();
        for (FilterChain chain : listener.getFilterChainsList()) {
            DownstreamTlsContext tls =
                    chain.getTransportSocket().getTypedConfig().unpack(DownstreamTlsContext.class);
            List<String> secrets = tls.getCommonTlsContext().getTlsCertificateSdsSecretConfigsList().stream()
                    .map(secret -> secret.getName())
                    .toList();
            chains.add(chain.getName() + " " + chain.getFilterChainMatch().getServerNamesList() + " " + secrets + " "
                    + manager(chain).getRds().getRouteConfigName());
        }
        assertThat(chains)
                .containsExactly(
                        "a [a.example.com] [shop/one] shop/edge:443/a",
                        "wild [*.example.com] [shop/two, shop/one] shop/edge:443/wild",
                        "rest [] [shop/one] shop/edge:443/rest");
    }

    /** A browser uses a connection for every host that the certificate has: the wrong one must not answer 404. */
    @Test
    void requestOnAConnectionOfAnotherListener_isMisdirected() {
        fixture.apply(
                GatewaySecrets.of("shop", "one"),
                gateway(https("a", 443, "a.example.com", "one"), https("wild", 443, "*.example.com", "one")),
                route("r").with(rule().to("orders", 8080)).build());

        assertThat(answers("shop/edge:443/a")).containsExactlyInAnyOrder("*.example.com 421", "a.example.com 0");
        assertThat(answers("shop/edge:443/wild")).containsExactlyInAnyOrder("*.example.com 0", "a.example.com 421");
    }

    private List<String> answers(String name) {
        return fixture.routes(name).getVirtualHostsList().stream()
                .map(host -> host.getDomains(0) + " "
                        + host.getRoutes(0).getDirectResponse().getStatus())
                .toList();
    }

    @Test
    void changeOfARoute_touchesTheRoutesOnly_andOfItsPortsOnly() {
        fixture.apply(
                gateway(http("web", 80), http("alt", 81)),
                route("a")
                        .to(GatewayObjects.parent("", "edge", "web", null))
                        .with(rule().to("orders", 8080))
                        .build());
        fixture.announced();

        fixture.apply(route("a")
                .to(GatewayObjects.parent("", "edge", "web", null))
                .with(rule().prefix("/new").to("orders", 8080))
                .build());

        assertThat(fixture.announced()).containsExactly("ROUTE shop/edge:80", "VIRTUAL_HOST shop/edge:80/*");
    }

    @Test
    void portThatComesAndGoes_isAnnounced() {
        fixture.apply(gateway(http("web", 80)));
        fixture.announced();

        fixture.apply(gateway(http("web", 80), http("alt", 81)));
        assertThat(fixture.announced())
                .containsExactly(
                        "LISTENER shop/edge:81", "ROUTE shop/edge:81", "VIRTUAL_HOST shop/edge:81/none.invalid");

        fixture.apply(gateway(http("web", 80)));
        assertThat(fixture.announced())
                .containsExactly(
                        "LISTENER shop/edge:81", "ROUTE shop/edge:81", "VIRTUAL_HOST shop/edge:81/none.invalid");
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void endpointsThatComeAndGo_andRoutesThatAreEqual_touchNothing() {
        fixture.apply(
                gateway(http("web", 80)),
                route("a").with(rule().to("orders", 8080)).build());
        RouteConfiguration before = fixture.routes("shop/edge:80");
        fixture.announced();

        fixture.serve("shop", "orders", new ServicePort("http", 8080, false));

        assertThat(fixture.announced()).noneMatch(announced -> announced.contains("shop/edge"));
        assertThat(fixture.routes("shop/edge:80")).isEqualTo(before);
    }

    /** The parts that are kept must make the message that would be made anew. */
    @Test
    void routesAfterManyChanges_areThoseOfAStartFromNothing() {
        GatewayFixture fresh = new GatewayFixture();
        fixture.apply(gateway(http("web", 80)));
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 50; i++) {
                fixture.apply(route("r" + i)
                        .host("h" + i % 20 + ".example.com")
                        .with(rule().prefix("/" + round).to("orders", 8080))
                        .build());
                fixture.routes("shop/edge:80");
            }
        }
        for (int i = 0; i < 50; i++) {
            fresh.apply(route("r" + i)
                    .host("h" + i % 20 + ".example.com")
                    .with(rule().prefix("/2").to("orders", 8080))
                    .build());
        }
        fresh.apply(gateway(http("web", 80)));

        assertThat(version(fixture)).isEqualTo(version(fresh));
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isEqualTo(20);
    }

    private static String version(GatewayFixture of) {
        return ((Lookup.Found)
                        of.store().lookup(TopologyResourceStore.ROUTE, "shop/edge:80", GatewayFixture.EDGE_ENVOY))
                .resource()
                .version();
    }

    private static HttpConnectionManager manager(FilterChain chain) throws InvalidProtocolBufferException {
        return chain.getFilters(0).getTypedConfig().unpack(HttpConnectionManager.class);
    }
}
