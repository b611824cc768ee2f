/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static dev.xdslb.controlplane.gateway.GatewayFixture.EDGE_ENVOY;
import static dev.xdslb.controlplane.gateway.GatewayObjects.allowing;
import static dev.xdslb.controlplane.gateway.GatewayObjects.backend;
import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.https;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.CLUSTER;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.LISTENER;
import static dev.xdslb.controlplane.resource.TopologyResourceStore.ROUTE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.gateway.GatewayFixture;
import dev.xdslb.controlplane.gateway.GatewayKey;
import dev.xdslb.controlplane.gateway.GatewayListener;
import dev.xdslb.controlplane.gateway.GatewayObject.AllowedRoutes;
import dev.xdslb.controlplane.gateway.GatewayObject.Selector;
import dev.xdslb.controlplane.gateway.GatewayObjects;
import dev.xdslb.controlplane.gateway.GatewaySecrets;
import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.RouteObject;
import dev.xdslb.controlplane.gateway.RouteRule.Backend;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** While objects cannot be read that a Gateway is made of, its Envoys are told nothing of it: neither that there is less, nor nothing. */
class HeldGatewaysTest {
    private static final GatewayKey EDGE = new GatewayKey("shop", "edge");
    private static final RouteObject ROUTE_OF_EDGE =
            route("r").with(rule().to("orders", 8080)).build();

    private final GatewayFixture fixture = new GatewayFixture();

    @ParameterizedTest
    @EnumSource(names = {"GATEWAY", "HTTP_ROUTE", "GRPC_ROUTE"})
    void kindThatIsNotListed_holdsWhatIsMadeOfIt(ObjectId.Kind kind) {
        fixture.unlisted(all(kind));
        fixture.apply(gateway(http("web", 80)), ROUTE_OF_EDGE);

        assertThat(fixture.gateways().held(EDGE)).contains("for the test");
        assertThat(fixture.store().wildcardNames(LISTENER, EDGE_ENVOY)).isNull();
        assertThat(fixture.store().wildcardNames(CLUSTER, EDGE_ENVOY)).isNull();
        assertThat(fixture.store().lookup(LISTENER, "shop/edge:80", EDGE_ENVOY)).isInstanceOf(Lookup.Withheld.class);
        assertThat(fixture.store().lookup(ROUTE, "shop/edge:80", EDGE_ENVOY)).isInstanceOf(Lookup.Withheld.class);
        assertThat(fixture.store().lookup(CLUSTER, "orders.shop:8080", EDGE_ENVOY))
                .isInstanceOf(Lookup.Found.class);
        assertThat(fixture.gateways().status(ROUTE_OF_EDGE.id())).isNull();
        assertThat(fixture.gateways().isComplete()).isFalse();
        fixture.announced();
        fixture.told();

        fixture.unlisted();

        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsCount()).isEqualTo(1);
        assertThat(fixture.announced()).contains("LISTENER shop/edge:80", "ROUTE shop/edge:80", "CLUSTER shop/edge");
        assertThat(fixture.told()).containsKeys(ROUTE_OF_EDGE.id(), id(ObjectId.Kind.GATEWAY, "edge"));
        assertThat(fixture.route(ROUTE_OF_EDGE, "Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.gateways().isComplete()).isTrue();
    }

    @Test
    void classThatIsNotListed_holdsItsGateways() {
        fixture.remove(GatewayObjects.ours());
        fixture.unlisted(all(ObjectId.Kind.GATEWAY_CLASS));
        fixture.apply(gateway(http("web", 80)));
        assertThat(fixture.gateways().held(EDGE)).contains("all GatewayClasses");
        assertThat(fixture.store().wildcardNames(LISTENER, EDGE_ENVOY)).isNull();

        fixture.apply(GatewayObjects.ours());
        fixture.unlisted();
        assertThat(fixture.gateways().held(EDGE)).isNull();
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    /** Whoever looked between the two would be told that there is nothing. */
    @Test
    void gatewayIsLetGo_onceWhatItHasCanBeSeen() {
        fixture.remove(GatewayObjects.ours());
        fixture.unlisted(all(ObjectId.Kind.GATEWAY_CLASS));
        fixture.apply(gateway(http("web", 80)));
        List<Lookup> whenChanged = new ArrayList<>();
        fixture.gateways().addListener(new GatewayListener() {
            @Override
            public void gatewaysChanged(Set<GatewayKey> changed) {
                whenChanged.add(fixture.store().lookup(LISTENER, "shop/edge:80", EDGE_ENVOY));
            }
        });

        fixture.apply(GatewayObjects.ours());

        assertThat(whenChanged).singleElement().isInstanceOf(Lookup.Withheld.class);
        assertThat(fixture.gateways().held(EDGE)).isNull();
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
        assertThat(fixture.told()).containsKey(id(ObjectId.Kind.GATEWAY, "edge"));
    }

    @Test
    void gatewayThatNobodyHasSeen_isNotOneThatThereIsNot() {
        ClientVariant other = new ClientVariant(Family.ENVOY, "shop", ClientPlace.UNKNOWN, "", "shop/other");
        fixture.unlisted(all(ObjectId.Kind.GATEWAY));
        assertThat(fixture.store().wildcardNames(LISTENER, other)).isNull();

        fixture.unlisted(new ObjectScope(ObjectId.Kind.GATEWAY, "elsewhere", ""));
        assertThat(fixture.store().wildcardNames(LISTENER, other)).isEmpty();
    }

    @Test
    void whoIsNoGatewaysEnvoy_isNotHeld() {
        fixture.unlisted(all(ObjectId.Kind.GATEWAY));
        ClientVariant plain = new ClientVariant(Family.ENVOY, "shop");

        assertThat(fixture.store().wildcardNames(CLUSTER, plain)).isNotEmpty();
        assertThat(fixture.store().wildcardNames(LISTENER, plain)).isEmpty();
        assertThat(fixture.store().lookup(LISTENER, "shop/edge:80", plain)).isInstanceOf(Lookup.Missing.class);
    }

    @Test
    void namespaces_matterWhereAListenerSelectsThem() {
        fixture.unlisted(all(ObjectId.Kind.NAMESPACE));
        fixture.apply(gateway(http("web", 80)));
        assertThat(fixture.gateways().held(EDGE)).isNull();

        AllowedRoutes selected = new AllowedRoutes("Selector", new Selector(Map.of("a", "b"), List.of()), List.of());
        fixture.apply(gateway(allowing(http("web", 80), selected)));
        assertThat(fixture.gateways().held(EDGE)).contains("all Namespaces");

        fixture.apply(gateway(http("web", 80)));
        assertThat(fixture.gateways().held(EDGE)).isNull();
    }

    @Test
    void grants_matterWhereSomethingRefersToTheirNamespace() {
        fixture.unlisted(new ObjectScope(ObjectId.Kind.REFERENCE_GRANT, "far", ""));
        fixture.apply(gateway(http("web", 80)), ROUTE_OF_EDGE);
        assertThat(fixture.gateways().held(EDGE)).isNull();

        Backend far = new Backend(new ObjectReference("", "Service", "far", "orders"), 8080, 1, List.of());
        RouteObject across = route("r").with(rule().to(far)).build();
        fixture.apply(across);
        assertThat(fixture.gateways().held(EDGE)).contains("all ReferenceGrants of namespace far");
        assertThat(fixture.gateways().status(across.id())).isNull();

        fixture.apply(route("r").with(rule().to(backend("orders", 8080, 1))).build());
        assertThat(fixture.gateways().held(EDGE)).isNull();
    }

    @Test
    void gatewayThatIsGone_isNotHeld() {
        fixture.apply(gateway(http("web", 80)));
        fixture.unlisted(all(ObjectId.Kind.HTTP_ROUTE));
        assertThat(fixture.gateways().held()).containsOnlyKeys(EDGE);

        fixture.remove(gateway(http("web", 80)));
        assertThat(fixture.gateways().held()).isEmpty();
        assertThat(fixture.store().wildcardNames(LISTENER, EDGE_ENVOY)).isEmpty();
    }

    @Test
    void secretThatIsNotRead_holdsThePortThatHasNoOther() {
        ObjectScope two = new ObjectScope(ObjectId.Kind.SECRET, "shop", "two");
        fixture.unlisted(two);
        fixture.apply(
                GatewaySecrets.of("shop", "one"),
                gateway(
                        http("web", 80),
                        https("a", 443, "a.example.com", "one"),
                        https("b", 443, "b.example.com", "two"),
                        https("c", 8443, "", "two")));

        assertThat(fixture.listeners()).containsExactly("shop/edge:443", "shop/edge:80", "shop/edge:8443");
        assertThat(fixture.store().lookup(LISTENER, "shop/edge:443", EDGE_ENVOY))
                .isInstanceOf(Lookup.Found.class);
        assertThat(fixture.store().lookup(LISTENER, "shop/edge:8443", EDGE_ENVOY))
                .isInstanceOf(Lookup.Withheld.class);
        assertThat(fixture.listener("b", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");
        assertThat(fixture.gateways().mayHaveSecret(EDGE, "shop", "two")).isTrue();
        assertThat(fixture.gateways().mayHaveSecret(EDGE, "shop", "other")).isFalse();
        fixture.announced();

        fixture.unlisted(); // there is none
        assertThat(fixture.listeners()).containsExactly("shop/edge:443", "shop/edge:80");
        assertThat(fixture.announced()).contains("LISTENER shop/edge:443", "LISTENER shop/edge:8443");
        assertThat(fixture.gateways().mayHaveSecret(EDGE, "shop", "two")).isFalse();
    }

    private static ObjectScope all(ObjectId.Kind kind) {
        return new ObjectScope(kind, "", "");
    }

    private static ObjectId id(ObjectId.Kind kind, String name) {
        return new ObjectId(kind, "shop", name);
    }
}
