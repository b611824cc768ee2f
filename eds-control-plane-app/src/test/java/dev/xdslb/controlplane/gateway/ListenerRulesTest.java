/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static dev.xdslb.controlplane.gateway.GatewayObjects.allowing;
import static dev.xdslb.controlplane.gateway.GatewayObjects.gateway;
import static dev.xdslb.controlplane.gateway.GatewayObjects.http;
import static dev.xdslb.controlplane.gateway.GatewayObjects.https;
import static dev.xdslb.controlplane.gateway.GatewayObjects.meta;
import static dev.xdslb.controlplane.gateway.GatewayObjects.ours;
import static dev.xdslb.controlplane.gateway.GatewayObjects.parent;
import static dev.xdslb.controlplane.gateway.GatewayObjects.route;
import static dev.xdslb.controlplane.gateway.GatewayObjects.rule;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.gateway.GatewayObject.AllowedRoutes;
import dev.xdslb.controlplane.gateway.GatewayObject.Listener;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.GatewayObject.Tls;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Classes, Gateways and their listeners: what is served of them, and what is said in their statuses. */
class ListenerRulesTest {
    private static final RouteKind HTTP_ROUTE = new RouteKind("gateway.networking.k8s.io", "HTTPRoute");
    private static final RouteKind GRPC_ROUTE = new RouteKind("gateway.networking.k8s.io", "GRPCRoute");

    private final GatewayFixture fixture = new GatewayFixture();

    @Test
    void classThatNamesUs_isAccepted_andListsWhatIsSupported() {
        assertThat(fixture.gateways().status(ours().id()))
                .isInstanceOfSatisfying(ObjectStatus.OfClass.class, status -> {
                    assertThat(status.conditions().get(0).reason()).isEqualTo("Accepted");
                    assertThat(status.supportedFeatures()).isSorted().contains("Gateway", "HTTPRoute", "GRPCRoute");
                });
    }

    @Test
    void classWithParameters_isNotAccepted_andItsGatewaysAreServed() {
        GatewayClassObject ofClass = new GatewayClassObject(meta("", "xdslb"), ObjectStatus.CONTROLLER, "ConfigMap x");

        fixture.apply(gateway(http("web", 80)), ofClass);

        assertThat(((ObjectStatus.OfClass) fixture.gateways().status(ofClass.id()))
                        .conditions()
                        .get(0)
                        .reason())
                .isEqualTo("InvalidParameters");
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void gatewayOfAnotherController_isLeftAlone() {
        fixture.apply(new GatewayClassObject(meta("", "xdslb"), "example.com/other", ""), gateway(http("web", 80)));

        assertThat(fixture.gateways().statuses()).isEmpty();
        assertThat(fixture.listeners()).isEmpty();
    }

    /** A name is soon mistyped, and nobody else would say so. */
    @Test
    void gatewaysAndRoutesThatAreNotOurs_areNamed_untilTheyAre() {
        RouteObject mistyped = route("mistyped").to(parent("egde")).build();
        RouteObject both = route("both").to(parent("edge")).to(parent("egde")).build();
        GatewayObject edge = gateway(http("web", 80));
        GatewayObject egde = new GatewayObject(meta("shop", "egde"), "xdslb", edge.listeners(), List.of(), List.of());
        fixture.apply(edge, mistyped, both, route("fine").build());

        assertThat(others())
                .containsOnlyKeys(mistyped.id(), both.id())
                .allSatisfy((id, why) -> assertThat(why).contains("spec.parentRefs names Gateway shop/egde;"));

        fixture.remove(ours());
        assertThat(others())
                .hasEntrySatisfying(edge.id(), why -> assertThat(why).contains("spec.gatewayClassName is \"xdslb\""))
                .hasSize(4);

        fixture.apply(ours());
        fixture.apply(egde);
        assertThat(others()).isEmpty();

        fixture.apply(mistyped);
        fixture.remove(egde);
        assertThat(others()).hasSize(2);
        fixture.remove(mistyped, both);
        assertThat(others()).isEmpty();
    }

    @Test
    void parentOfAKindThatThereIsNot_isNamed_andServicesAreAnothersMatter() {
        ObjectReference mistyped = new ObjectReference("gateway.networking.k8s.io", "Gatway", "", "edge");
        ObjectReference service = new ObjectReference("", "Service", "", "orders");
        RouteObject route = route("mistyped")
                .to(new RouteObject.ParentReference(mistyped, "", null))
                .to(new RouteObject.ParentReference(service, "", null))
                .build();
        fixture.apply(gateway(http("web", 80)), route);

        assertThat(others()).containsOnlyKeys(route.id());
        assertThat(others().get(route.id())).contains("Gatway").doesNotContain("Service");
    }

    @Test
    void whatCouldNotBeListed_isNotTakenForMistyped_untilItIsListed() {
        RouteObject mistyped = route("mistyped").to(parent("egde")).build();
        fixture.unlisted(new ObjectScope(ObjectId.Kind.GATEWAY, "", ""));
        fixture.apply(gateway(http("web", 80)), mistyped);
        assertThat(others()).isEmpty();

        fixture.unlisted();
        assertThat(others()).containsOnlyKeys(mistyped.id());

        fixture.unlisted(new ObjectScope(ObjectId.Kind.GATEWAY, "", ""));
        assertThat(others()).isEmpty();
    }

    private Map<ObjectId, String> others() {
        return fixture.gateways().others().stream()
                .collect(Collectors.toMap(Gateways.OtherObject::id, Gateways.OtherObject::why));
    }

    /** Its Secrets are not read, so that nothing is known of them. */
    @Test
    void httpsListenerOfAGatewayWithoutIdentity_isToldSo() {
        GatewayFixture others = new GatewayFixture(
                new GatewaySettings(true, false, true, Map.of(), Set.of(new GatewayKey("shop", "other"))));

        others.apply(gateway(http("web", 80), https("tls", 443, "a.example.com", "cert")));

        assertThat(others.ofListener("tls").conditions())
                .filteredOn(condition -> condition.type().equals("ResolvedRefs"))
                .singleElement()
                .extracting(ObjectStatus.Condition::message)
                .asString()
                .contains("gateway shop/edge among xds-lb.control-plane.gateway-api.identities");
    }

    @Test
    void classThatComesAfterItsGateway_bringsIt_andTakesItAlongWhenItGoes() {
        GatewayFixture late = new GatewayFixture();
        late.remove(ours());
        late.apply(
                gateway(http("web", 80)),
                route("orders").with(rule().to("orders", 8080)).build());
        assertThat(late.listeners()).isEmpty();

        late.apply(ours());
        assertThat(late.listeners()).containsExactly("shop/edge:80");
        assertThat(late.only().getRoute().getCluster()).isEqualTo("orders.shop:8080");

        late.told();
        late.remove(ours());
        assertThat(late.listeners()).isEmpty();
        assertThat(late.told().values()).containsOnlyNulls().hasSize(3);
    }

    @Test
    void gatewayWithListeners_isAcceptedAndProgrammed() {
        fixture.apply(gateway(http("web", 80), http("alt", 8080)));

        assertThat(fixture.gateway("Accepted")).isEqualTo("True Accepted");
        assertThat(fixture.gateway("Programmed")).isEqualTo("True Programmed");
        for (String listener : List.of("web", "alt")) {
            assertThat(fixture.listener(listener, "Accepted")).isEqualTo("True Accepted");
            assertThat(fixture.listener(listener, "Programmed")).isEqualTo("True Programmed");
            assertThat(fixture.listener(listener, "ResolvedRefs")).isEqualTo("True ResolvedRefs");
            assertThat(fixture.listener(listener, "Conflicted")).isEqualTo("False NoConflicts");
        }
        assertThat(fixture.ofListener("web").supportedKinds()).containsExactly(HTTP_ROUTE, GRPC_ROUTE);
        assertThat(fixture.listeners()).containsExactlyInAnyOrder("shop/edge:80", "shop/edge:8080");
    }

    @Test
    void generation_isThatOfTheObject() {
        GatewayObject first = gateway(http("web", 80));
        GatewayObject second = new GatewayObject(
                new Meta("shop", "edge", 2, first.meta().created(), List.of(), ""),
                "xdslb",
                first.listeners(),
                List.of(),
                List.of());
        fixture.apply(first);
        fixture.told();

        fixture.apply(second);

        assertThat(fixture.told())
                .hasEntrySatisfying(
                        second.id(), status -> assertThat(status.generation()).isEqualTo(2));
    }

    @Test
    void twoListenersOfOnePortAndHostname_areBothConflicted_andNeitherIsServed() {
        fixture.apply(gateway(http("one", 80, "a.example.com"), http("two", 80, "a.example.com"), http("three", 81)));

        for (String listener : List.of("one", "two")) {
            assertThat(fixture.listener(listener, "Conflicted")).isEqualTo("True HostnameConflict");
            assertThat(fixture.listener(listener, "Accepted")).isEqualTo("False HostnameConflict");
            assertThat(fixture.listener(listener, "Programmed")).isEqualTo("False Invalid");
        }
        assertThat(fixture.listeners()).containsExactly("shop/edge:81");
        assertThat(fixture.gateway("Accepted")).isEqualTo("True ListenersNotValid");
    }

    @Test
    void hostnamesThatDifferInCaseAlone_areConflicted() {
        fixture.apply(gateway(http("one", 80, "a.example.com"), http("two", 80, "A.Example.com"), http("three", 81)));

        assertThat(fixture.listener("one", "Conflicted")).isEqualTo("True HostnameConflict");
        assertThat(fixture.listener("two", "Conflicted")).isEqualTo("True HostnameConflict");
        assertThat(fixture.listeners()).containsExactly("shop/edge:81");
    }

    @Test
    void listenerThatCannotBeServed_keepsItsHostsFromAWiderOne() {
        fixture.apply(
                gateway(http("all", 80), http("one", 80, "*.b.example.com"), http("two", 80, "*.B.example.com")),
                route("a")
                        .host("a.b.example.com", "a.c.example.com")
                        .with(rule().to("orders", 8080))
                        .build());

        assertThat(fixture.listener("all", "Programmed")).isEqualTo("True Programmed");
        assertThat(fixture.host(80, "*.b.example.com").getRoutesList()).isEmpty();
        assertThat(fixture.routes("shop/edge:80").getVirtualHostsList())
                .extracting(host -> host.getDomains(0))
                .containsExactlyInAnyOrder("*.b.example.com", "a.c.example.com");
    }

    @Test
    void httpsListenerThatCannotBeServed_keepsItsHostsFromAWiderOne() {
        fixture.apply(
                GatewaySecrets.of("shop", "cert"),
                gateway(https("all", 443, "", "cert"), https("one", 443, "a.example.com", "missing")));

        GatewayView view = java.util.Objects.requireNonNull(fixture.gateways().view(GatewayObjects.EDGE));
        assertThat(view.ports().get(0).sections())
                .singleElement()
                .satisfies(section -> assertThat(section.hosts())
                        .containsExactly(new GatewayView.HostView("a.example.com", true, List.of())));
    }

    @Test
    void fieldOfTheGatewaysTls_refusesHttpsListeners_unlessItIsOfBackends() {
        GatewayObject plain = gateway(http("web", 80), https("tls", 443, "", "cert"));
        fixture.apply(
                GatewaySecrets.of("shop", "cert"),
                new GatewayObject(plain.meta(), "xdslb", plain.listeners(), List.of(), List.of("spec.tls.frontend")));
        assertThat(fixture.listener("tls", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");

        fixture.apply(
                new GatewayObject(plain.meta(), "xdslb", plain.listeners(), List.of(), List.of("spec.tls.backend")));
        assertThat(fixture.listener("tls", "Accepted")).isEqualTo("True Accepted");
    }

    @Test
    void addressesThatAreAskedFor_areSaidNotToBeObeyed() {
        GatewayObject asking = new GatewayObject(
                meta("shop", "edge"), "xdslb", List.of(http("web", 80)), List.of("IPAddress 192.0.2.1"), List.of());
        fixture.apply(asking);

        assertThat(fixture.gateway("Accepted")).isEqualTo("True Accepted");
        assertThat(((ObjectStatus.OfGateway) fixture.gateways().status(asking.id()))
                        .conditions()
                        .get(0)
                        .message())
                .isEqualTo("not obeyed: spec.addresses");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            IPAddress 192.0.2.1          | True Programmed
            IPAddress 2001:DB8:0::1      | True Programmed
            'IPAddress '                 | True Programmed
            Hostname Edge.example.com    | True Programmed
            IPAddress 192.0.2.2          | False AddressNotUsable
            Hostname other.example.com   | False AddressNotUsable
            Hostname 192.0.2.1           | False AddressNotUsable
            """)
    void addressThatIsAskedFor_isOneThatTheGatewayHas(String asked, String programmed) {
        GatewayFixture reached = reachedAt("192.0.2.1", "2001:db8::1", "edge.example.com");
        reached.apply(asking(asked));

        assertThat(reached.gateway("Accepted")).isEqualTo("True Accepted");
        assertThat(reached.gateway("Programmed")).isEqualTo(programmed);
        assertThat(reached.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void addressOfATypeOfWhichTheGatewayHasNone_isNotAssigned() {
        GatewayFixture reached = reachedAt("192.0.2.1");
        reached.apply(asking("Hostname "));

        assertThat(reached.gateway("Programmed")).isEqualTo("False AddressNotAssigned");
    }

    @Test
    void addressThatTheGatewayHas_isNotSaidNotToBeObeyed() {
        GatewayFixture reached = reachedAt("192.0.2.1");
        GatewayObject asking = asking("IPAddress 192.0.2.1");
        reached.apply(asking);

        assertThat(((ObjectStatus.OfGateway) reached.gateways().status(asking.id())).conditions())
                .allSatisfy(condition -> assertThat(condition.message()).isEmpty());
    }

    private static GatewayFixture reachedAt(String... addresses) {
        return new GatewayFixture(new GatewaySettings(
                true, false, true, Map.of(new GatewayKey("shop", "edge"), List.of(addresses)), null));
    }

    private static GatewayObject asking(String address) {
        return new GatewayObject(meta("shop", "edge"), "xdslb", List.of(http("web", 80)), List.of(address), List.of());
    }

    @Test
    void twoListenersOfOnePortWithOtherProtocols_areBothConflicted() {
        fixture.apply(gateway(http("one", 80), https("two", 80, "a.example.com", "tls")));

        assertThat(fixture.listener("one", "Conflicted")).isEqualTo("True ProtocolConflict");
        assertThat(fixture.listener("two", "Conflicted")).isEqualTo("True ProtocolConflict");
        assertThat(fixture.gateway("Accepted")).isEqualTo("False ListenersNotValid");
        assertThat(fixture.gateway("Programmed")).isEqualTo("False Invalid");
        assertThat(fixture.listeners()).isEmpty();
    }

    @Test
    void protocolThatIsNotServed_isSaid() {
        fixture.apply(gateway(new Listener("raw", "", 90, "TCP", null, AllowedRoutes.SAME_NAMESPACE), http("web", 80)));

        assertThat(fixture.listener("raw", "Accepted")).isEqualTo("False UnsupportedProtocol");
        assertThat(fixture.ofListener("raw").supportedKinds()).isEmpty();
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void portAndHostnameThatNobodyCanHave_areRefused() {
        fixture.apply(gateway(http("low", 0), http("high", 70_000), http("odd", 80, "*"), http("ip", 80, "10.0.0.1")));

        assertThat(fixture.listener("low", "Accepted")).isEqualTo("False PortUnavailable");
        assertThat(fixture.listener("high", "Accepted")).isEqualTo("False PortUnavailable");
        assertThat(fixture.listener("odd", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.listener("ip", "Accepted")).isEqualTo("False UnsupportedValue");
        assertThat(fixture.listeners()).isEmpty();
    }

    @Test
    void kindThatIsNotServed_isSaid_andTheOtherOneIs() {
        AllowedRoutes kinds =
                new AllowedRoutes("Same", null, List.of(HTTP_ROUTE, new RouteKind("example.com", "Thing")));
        fixture.apply(gateway(allowing(http("web", 80), kinds)));

        assertThat(fixture.listener("web", "ResolvedRefs")).isEqualTo("False InvalidRouteKinds");
        assertThat(fixture.ofListener("web").supportedKinds()).containsExactly(HTTP_ROUTE);
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void listenerOfNoKindThatIsServed_isNotProgrammed() {
        AllowedRoutes kinds = new AllowedRoutes("Same", null, List.of(new RouteKind("example.com", "Thing")));
        fixture.apply(gateway(allowing(http("web", 80), kinds)));

        assertThat(fixture.ofListener("web").supportedKinds()).isEmpty();
        assertThat(fixture.listener("web", "Programmed")).isEqualTo("False Invalid");
    }

    @Test
    void addressOfATypeThatNobodyKnows_isRefused() {
        GatewayObject asked =
                new GatewayObject(meta("shop", "edge"), "xdslb", List.of(http("web", 80)), List.of("Odd x"), List.of());
        fixture.apply(asked);

        assertThat(fixture.gateway("Accepted")).isEqualTo("False UnsupportedAddress");
        assertThat(fixture.listeners()).isEmpty();
    }

    @Test
    void objectThatCouldNotBeRead_isNotServed_andSaysWhy() {
        Meta unread = new Meta("shop", "edge", 1, null, List.of("spec.listeners is a text"), "");
        fixture.apply(new GatewayObject(unread, "xdslb", List.of(), List.of(), List.of()));

        assertThat(fixture.gateway("Accepted")).isEqualTo("False Invalid");
    }

    @Test
    void listenersBeyondWhatTheApiAllows_andOfANameThatIsTaken_areNotServed() {
        Listener[] many =
                IntStream.range(0, 100).mapToObj(i -> http("web" + i, 1000 + i)).toArray(Listener[]::new);
        fixture.apply(gateway(many));
        assertThat(fixture.listeners()).hasSize(64);
        assertThat(fixture.gateway("Accepted")).isEqualTo("True ListenersNotValid");

        fixture.apply(gateway(http("web", 80), http("web", 81)));
        assertThat(fixture.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void httpsWithoutAnyCertificateThatCanBeUsed_isNotProgrammed() {
        fixture.apply(gateway(https("none", 443, ""), http("web", 80)));
        assertThat(fixture.listener("none", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");
        assertThat(fixture.listener("none", "Programmed")).isEqualTo("False Invalid");
        assertThat(fixture.listener("none", "Accepted")).isEqualTo("True Accepted");

        fixture.apply(gateway(https("none", 443, "", "missing")));
        assertThat(fixture.listener("none", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");

        fixture.apply(GatewaySecrets.of("shop", "missing"));
        assertThat(fixture.listener("none", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(fixture.listeners()).containsExactly("shop/edge:443");
    }

    @Test
    void httpsWithOneCertificateOfTwo_isServed_andSaysWhichIsMissing() {
        fixture.apply(GatewaySecrets.of("shop", "good"), gateway(https("tls", 443, "", "bad", "good")));

        assertThat(fixture.listener("tls", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");
        assertThat(fixture.listener("tls", "Programmed")).isEqualTo("True Programmed");
        assertThat(fixture.listeners()).containsExactly("shop/edge:443");
    }

    @Test
    void secretsThatHoldNoCertificate_areRefused() {
        SecretObject good = GatewaySecrets.of("shop", "tls");
        List<SecretObject> bad = List.of(
                new SecretObject("shop", "tls", "Opaque", good.certificateChain(), good.privateKey(), ""),
                new SecretObject("shop", "tls", good.type(), "", good.privateKey(), ""),
                new SecretObject("shop", "tls", good.type(), "no PEM", good.privateKey(), ""),
                new SecretObject("shop", "tls", good.type(), good.certificateChain(), "no PEM", ""),
                new SecretObject("shop", "tls", good.type(), good.certificateChain(), "x".repeat(2_000_000), ""));
        for (SecretObject secret : bad) {
            fixture.apply(secret, gateway(https("tls", 443, "", "tls")));

            assertThat(fixture.listener("tls", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");
            assertThat(fixture.listeners()).isEmpty();
        }
    }

    @Test
    void secretInAnotherNamespace_needsAGrant() {
        ObjectReference other = new ObjectReference("", "Secret", "vault", "tls");
        Listener listener = new Listener(
                "tls", "", 443, "HTTPS", new Tls("Terminate", List.of(other), List.of()), AllowedRoutes.SAME_NAMESPACE);
        fixture.apply(GatewaySecrets.of("vault", "tls"), gateway(listener));
        assertThat(fixture.listener("tls", "ResolvedRefs")).isEqualTo("False RefNotPermitted");
        assertThat(fixture.gateways().secret(GatewayObjects.EDGE, "vault", "tls"))
                .isNull();

        ReferenceGrantObject grant = new ReferenceGrantObject(
                meta("vault", "grant"),
                List.of(new ReferenceGrantObject.From("gateway.networking.k8s.io", "Gateway", "shop")),
                List.of(new ReferenceGrantObject.To("", "Secret", "tls")));
        fixture.apply(grant);
        assertThat(fixture.listener("tls", "ResolvedRefs")).isEqualTo("True ResolvedRefs");
        assertThat(fixture.gateways().secret(GatewayObjects.EDGE, "vault", "tls"))
                .isNotNull();

        fixture.remove(grant);
        assertThat(fixture.listener("tls", "ResolvedRefs")).isEqualTo("False RefNotPermitted");
        assertThat(fixture.gateways().secret(GatewayObjects.EDGE, "vault", "tls"))
                .isNull();
    }

    @Test
    void secret_isGivenToItsOwnGatewayOnly() {
        fixture.apply(
                GatewaySecrets.of("shop", "tls"),
                GatewaySecrets.of("shop", "unused"),
                gateway(https("tls", 443, "", "tls")));

        assertThat(fixture.gateways().secret(GatewayObjects.EDGE, "shop", "tls"))
                .isNotNull();
        assertThat(fixture.gateways().secret(GatewayObjects.EDGE, "shop", "unused"))
                .isNull();
        assertThat(fixture.gateways().secret(new GatewayKey("shop", "other"), "shop", "tls"))
                .isNull();
        assertThat(GatewaySecrets.of("shop", "tls").toString()).doesNotContain("KEY");
    }

    @Test
    void tlsThatIsSwitchedOff_isSaid() {
        GatewayFixture without = new GatewayFixture(GatewaySettings.DEFAULT);
        without.apply(GatewaySecrets.of("shop", "tls"), gateway(https("tls", 443, "", "tls"), http("web", 80)));

        assertThat(without.listener("tls", "ResolvedRefs")).isEqualTo("False InvalidCertificateRef");
        assertThat(without.listeners()).containsExactly("shop/edge:80");
    }

    @Test
    void passthrough_isRefused() {
        Listener listener = new Listener(
                "tls", "", 443, "HTTPS", new Tls("Passthrough", List.of(), List.of()), AllowedRoutes.SAME_NAMESPACE);
        fixture.apply(gateway(listener));

        assertThat(fixture.listener("tls", "Accepted")).isEqualTo("False UnsupportedValue");
    }

    @Test
    void gatewayThatGoes_takesItsStatusAndItsListenersAlong() {
        GatewayObject edge = gateway(http("web", 80));
        fixture.apply(edge);
        fixture.told();

        fixture.remove(edge);

        assertThat(fixture.told()).containsOnlyKeys(edge.id()).containsEntry(edge.id(), null);
        assertThat(fixture.listeners()).isEmpty();
        assertThat(fixture.gateways().status(new ObjectId(ObjectId.Kind.GATEWAY, "shop", "edge")))
                .isNull();
    }
}
