/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.ROUTE;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.VIRTUAL_HOST;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.EncodedResource;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceType;
import dev.xdslb.controlplane.gateway.GatewayFixture;
import dev.xdslb.controlplane.gateway.GatewaySettings;
import dev.xdslb.controlplane.gateway.RouteObject;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** The hosts of a Gateway, for an Envoy that is told of them one by one. */
class VirtualHostsTest {
    private static final ClientVariant ENVOY =
            new ClientVariant(Family.ENVOY, "shop", ClientPlace.UNKNOWN, "", "", "shop/edge", Set.of(), true);

    private static final String ROUTES = "shop/edge:80";

    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void hosts_areApartFromTheRoutes_whichSayWhereTheyComeFrom() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"), to("*.b.example.com"));

        RouteConfiguration routes = get(ROUTE, ROUTES, RouteConfiguration.class);
        assertThat(routes.getVirtualHostsList()).isEmpty();
        assertThat(routes.getVhds().getConfigSource().hasAds()).isTrue();
        assertThat(routes.getIgnorePortInHostMatching()).isTrue();
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY))
                .containsExactlyInAnyOrder(ROUTES + "/a.example.com", ROUTES + "/*.b.example.com");
    }

    /** Envoy takes a host out by its own name, whatever that of the resource is. */
    @Test
    void host_isWhatItIsAmongTheRoutes_butForItsName() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"));

        VirtualHost host = get(VIRTUAL_HOST, ROUTES + "/a.example.com", VirtualHost.class);
        assertThat(host.getName()).isEqualTo(ROUTES + "/a.example.com");
        assertThat(host.toBuilder().setName("a.example.com").build()).isEqualTo(fixture.host(80, "a.example.com"));
    }

    @Test
    void changeOfAHost_isAnnouncedForThatHost_andChangesNothingElse() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"), to("b.example.com"));
        EncodedResource routes = found(ROUTE, ROUTES);
        EncodedResource other = found(VIRTUAL_HOST, ROUTES + "/b.example.com");
        EncodedResource before = found(VIRTUAL_HOST, ROUTES + "/a.example.com");
        fixture.announced();

        fixture.apply(route("a.example.com")
                .host("a.example.com")
                .with(rule().to("hello", 9090))
                .build());

        assertThat(fixture.announced()).contains("VIRTUAL_HOST " + ROUTES + "/a.example.com");
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY)).hasSize(2);
        assertThat(found(ROUTE, ROUTES)).isSameAs(routes);
        assertThat(found(VIRTUAL_HOST, ROUTES + "/b.example.com")).isSameAs(other);
        assertThat(found(VIRTUAL_HOST, ROUTES + "/a.example.com").version()).isNotEqualTo(before.version());
    }

    @Test
    void onlyWhatChanges_isAnnounced() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"), to("b.example.com"));
        fixture.announced();

        fixture.apply(to("c.example.com"));
        assertThat(hostsAnnounced()).containsExactly(ROUTES + "/c.example.com");
        fixture.remove(to("a.example.com"));
        assertThat(hostsAnnounced()).containsExactly(ROUTES + "/a.example.com");
        assertThat(fixture.store().lookup(VIRTUAL_HOST, ROUTES + "/a.example.com", ENVOY))
                .isInstanceOf(Lookup.Missing.class);
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY))
                .containsExactlyInAnyOrder(ROUTES + "/b.example.com", ROUTES + "/c.example.com");
    }

    @Test
    void portWithoutHosts_hasOneThatNobodyIs() throws InvalidProtocolBufferException {
        fixture.apply(gateway(http("web", 80)));

        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY)).containsExactly(ROUTES + "/none.invalid");
        VirtualHost nobody = get(VIRTUAL_HOST, ROUTES + "/none.invalid", VirtualHost.class);
        assertThat(nobody.getDomainsList()).containsExactly("none.invalid");
        assertThat(nobody.getRoutesList()).isEmpty();
        fixture.announced();

        fixture.apply(to("a.example.com"));
        assertThat(hostsAnnounced()).containsExactlyInAnyOrder(ROUTES + "/a.example.com", ROUTES + "/none.invalid");
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY)).containsExactly(ROUTES + "/a.example.com");
    }

    @Test
    void otherClients_haveNoHostsApart() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"));

        ClientVariant envoyOfAnother =
                new ClientVariant(Family.ENVOY, "shop", ClientPlace.UNKNOWN, "", "", "shop/other", Set.of(), true);
        ClientVariant grpc = new ClientVariant(Family.GRPC, "shop");
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, envoyOfAnother)).isEmpty();
        for (ClientVariant whole : List.of(GatewayFixture.EDGE_ENVOY, grpc)) {
            assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, whole))
                    .as("what it may have from before is not taken from it")
                    .isNull();
        }
        for (ClientVariant other : List.of(GatewayFixture.EDGE_ENVOY, envoyOfAnother, grpc)) {
            for (String name : new String[] {ROUTES + "/a.example.com", ROUTES, "", "/", "shop/edge:80/"}) {
                assertThat(fixture.store().lookup(VIRTUAL_HOST, name, other)).isInstanceOf(Lookup.Missing.class);
            }
        }
        assertThat(fixture.routes(ROUTES).getVirtualHostsList()).hasSize(1);
        assertThat(fixture.routes(ROUTES).hasVhds()).isFalse();
    }

    @Test
    void switchedOff_allIsInTheRoutes() {
        GatewayFixture whole = new GatewayFixture(new GatewaySettings(true, false, false));
        whole.apply(gateway(http("web", 80)), to("a.example.com"));

        assertThat(whole.store().wildcardNames(VIRTUAL_HOST, ENVOY)).isNull();
        assertThat(whole.store().lookup(ROUTE, ROUTES, ENVOY))
                .isEqualTo(whole.store().lookup(ROUTE, ROUTES, GatewayFixture.EDGE_ENVOY));
    }

    /** What a change of one of very many routes makes Envoy be told, and what it was before. */
    @Test
    void changeOfOneOfAThousandRoutes_isLittle() {
        fixture.apply(gateway(http("web", 80)));
        for (int host = 0; host < 1_000; host++) {
            fixture.apply(to("h" + host + ".example.com"));
        }
        fixture.announced();
        fixture.apply(route("h7.example.com")
                .host("h7.example.com")
                .with(rule().to("hello", 9090))
                .build());

        int bytes = 0;
        for (String host : hostsAnnounced()) {
            bytes += found(VIRTUAL_HOST, host).any().size();
        }
        Lookup whole = fixture.store().lookup(ROUTE, ROUTES, GatewayFixture.EDGE_ENVOY);
        assertThat(bytes).isPositive().isLessThan(1_000);
        assertThat(((Lookup.Found) whole).resource().any().size()).isGreaterThan(300 * bytes);
    }

    @Test
    void gatewayThatHasHadVeryManyHosts_isToldWhole_fromThenOn() {
        fixture.apply(gateway(http("web", 80)), to("a.example.com"));
        int hosts = GatewayCatalog.MAX_HOSTS_APART;
        for (int first = 0; first < hosts; first += 16) {
            fixture.apply(manyHosts(first, Math.min(hosts - 1, first + 16))); // as many as a route may have
        }
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY)).hasSize(hosts);
        fixture.announced();

        fixture.apply(to("b.example.com"));
        assertThat(fixture.announced()).contains("ROUTE " + ROUTES);
        assertThat(get(ROUTE, ROUTES, RouteConfiguration.class).getVirtualHostsCount())
                .isEqualTo(hosts + 1);
        assertThat(fixture.store().wildcardNames(VIRTUAL_HOST, ENVOY))
                .as("what it has is not taken from it")
                .isNull();

        fixture.remove(to("b.example.com"));
        assertThat(get(ROUTE, ROUTES, RouteConfiguration.class).getVirtualHostsCount())
                .isEqualTo(hosts);
    }

    private static RouteObject manyHosts(int first, int end) {
        var route = route("many-" + first).with(rule().to("orders", 8080));
        for (int host = first; host < end; host++) {
            route.host("h" + host + ".example.com");
        }
        return route.build();
    }

    private Iterable<String> hostsAnnounced() {
        String type = "VIRTUAL_HOST ";
        return fixture.announced().stream()
                .filter(key -> key.startsWith(type))
                .map(key -> key.substring(type.length()))
                .toList();
    }

    private static RouteObject to(String host) {
        return route(host).host(host).with(rule().to("orders", 8080)).build();
    }

    private EncodedResource found(ResourceType type, String name) {
        Lookup lookup = fixture.store().lookup(type, name, ENVOY);
        assertThat(lookup).as(name).isInstanceOf(Lookup.Found.class);
        return ((Lookup.Found) lookup).resource();
    }

    private <M extends Message> M get(ResourceType type, String name, Class<M> as) {
        try {
            return Any.parseFrom(found(type, name).any()).unpack(as);
        } catch (InvalidProtocolBufferException e) {
            throw new AssertionError(e);
        }
    }
}
