/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import io.envoyproxy.envoy.config.core.v3.BuildVersion;
import io.envoyproxy.envoy.config.core.v3.Locality;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.type.v3.SemanticVersion;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ClientTest {

    private final InMemoryResourceStore store = new InMemoryResourceStore();

    @Test
    void localityOfTheNode_isItsPlace() {
        Node node = node("").setLocality(locality("west", "west-1")).build();

        assertThat(place(node)).isEqualTo(new ClientPlace("west", "west-1"));
    }

    @Test
    void podOfTheNode_saysWhatTheNodeDoesNot() {
        store.setPlace("shop", "web-1", new ClientPlace("west", "west-1"));

        assertThat(place(node("web-1").build())).isEqualTo(new ClientPlace("west", "west-1"));
        assertThat(place(node("web-1").setLocality(locality("", "west-1")).build()))
                .isEqualTo(new ClientPlace("west", "west-1"));
        assertThat(place(node("web-1").setLocality(locality("", "east-1")).build()))
                .as("a zone of another region is no zone")
                .isEqualTo(new ClientPlace("", "east-1"));
        assertThat(place(node("web-2").build())).isEqualTo(ClientPlace.UNKNOWN);
        assertThat(place(node("").build())).isEqualTo(ClientPlace.UNKNOWN);
    }

    @Test
    void podOfTheNode_saysItsKubernetesNode_alsoOfAClientThatKnowsItsZone() {
        store.setPlace("shop", "web-1", new ClientPlace("west", "west-1", "default", "n1"));

        assertThat(place(node("web-1").setLocality(locality("west", "west-1")).build()))
                .isEqualTo(new ClientPlace("west", "west-1", "default", "n1"));
    }

    @Test
    void podOfTheNode_isKnown_soThatItsFellowsCanBeCounted() {
        assertThat(Client.of(node("web-1").build(), store).variant().pod()).isEqualTo("web-1");
        assertThat(Client.of(Node.newBuilder().setId("client-1").build(), store)
                        .variant()
                        .pod())
                .isEmpty();
    }

    @Test
    void serviceOfTheNode_isTheOneWhosePodsAreItsFellows() {
        Node.Builder node = node("web-1");
        node.getMetadataBuilder()
                .putFields("service", Value.newBuilder().setStringValue("web").build());

        assertThat(Client.of(node.build(), store).variant().service()).isEqualTo("web");
        assertThat(Client.of(node("web-1").build(), store).variant().service()).isEmpty();
        node.getMetadataBuilder()
                .putFields(
                        "service",
                        Value.newBuilder().setStringValue("w".repeat(5_000)).build());
        assertThat(Client.problem(node.build())).startsWith("node.metadata.service has 5000 characters");
    }

    @Test
    void gatewayOfAnEnvoy_isThatOfItsMetadata_elseItsClusterThatHasASlash() {
        Struct metadata = Struct.newBuilder()
                .putFields(
                        "gateway",
                        Value.newBuilder().setStringValue("shop/edge").build())
                .build();
        Node.Builder envoy = Node.newBuilder().setId("e").setUserAgentName("envoy");

        assertThat(gateway(envoy.clone().setMetadata(metadata).setCluster("shop/other")))
                .isEqualTo("shop/edge");
        assertThat(gateway(envoy.clone().setCluster("shop/other"))).isEqualTo("shop/other");
        assertThat(gateway(envoy.clone().setCluster("edge"))).isEmpty();
        assertThat(gateway(envoy.clone())).isEmpty();
        assertThat(gateway(envoy.clone().setMetadata(metadata).setUserAgentName("gRPC Go")))
                .isEmpty();
    }

    @Test
    void partsOfAResource_areForEnvoysThatTakeThem_onAStreamThatCanSayThem() {
        assertThat(takesParts(AdsFixture.envoy(37), true)).isTrue();
        assertThat(takesParts(AdsFixture.envoy(40), true)).isTrue();
        assertThat(takesParts(
                        AdsFixture.envoy(0).toBuilder()
                                .setUserAgentBuildVersion(BuildVersion.newBuilder()
                                        .setVersion(SemanticVersion.newBuilder().setMajorNumber(2)))
                                .build(),
                        true))
                .isTrue();
        assertThat(takesParts(AdsFixture.envoy(40), false)).isFalse();
        assertThat(takesParts(AdsFixture.envoy(36), true)).isFalse();
        assertThat(takesParts(AdsFixture.node("envoy"), true)).isFalse();
        assertThat(takesParts(
                        AdsFixture.envoy(40).toBuilder()
                                .setUserAgentName("gRPC Go")
                                .build(),
                        true))
                .isFalse();
    }

    private static boolean takesParts(Node node, boolean parts) {
        return Client.of(node, new InMemoryResourceStore(), Set.of(), parts)
                .variant()
                .takesParts();
    }

    @Test
    void gatewayThatIsLongerThanAnyName_isRefused() {
        Node node = Node.newBuilder()
                .setId("e")
                .setCluster("a/" + "b".repeat(100_000))
                .build();

        assertThat(Client.problem(node)).startsWith("node.cluster has 100002 characters");
    }

    private String gateway(Node.Builder node) {
        return Client.of(node.build(), store).variant().gateway();
    }

    @Test
    void placeOfTheClient_isShown() {
        try (AdsFixture ads = new AdsFixture()) {
            DeltaClient client =
                    ads.delta(node("").setLocality(locality("west", "west-1")).build());
            client.subscribe(InMemoryResourceStore.ENDPOINTS, "a:1");
            client.next();

            assertThat(ads.stream().place()).isEqualTo(new ClientPlace("west", "west-1"));
            assertThat(ads.stream().family()).isEqualTo(Family.XDS_LB);
        }
    }

    /** The informer of pods may be behind: the client is there before its pod. */
    @Test
    void podThatIsSeenAfterItsClientHasCome_givesItsPlace_andOnlyWhatDiffersIsSent() {
        try (AdsFixture ads = new AdsFixture()) {
            ads.store.putEndpoints("a:1", 1);
            ads.store.putEndpoints("b:1", 1);
            DeltaClient client = ads.delta(node("web-1").build());
            client.subscribe(InMemoryResourceStore.ENDPOINTS, "a:1", "b:1");
            client.accept();
            assertThat(ads.stream().place()).isEqualTo(ClientPlace.UNKNOWN);

            ads.store.setEndpointsNear("n1", "a:1", 2);
            ads.store.setPlace("shop", "web-1", new ClientPlace("west", "west-1", "default", "n1"));
            ads.store.announce(InMemoryResourceStore.PLACE, "pod/shop/web-1");

            assertThat(DeltaClient.names(client.accept())).containsExactly("a:1");
            assertThat(ads.stream().place()).isEqualTo(new ClientPlace("west", "west-1", "default", "n1"));

            ads.store.setPlace("shop", "web-1", ClientPlace.UNKNOWN);
            ads.store.announce(InMemoryResourceStore.PLACE, "pod/shop/web-1");
            client.expectNothingSent();
            assertThat(ads.stream().place().node())
                    .as("a pod that is gone has not moved")
                    .isEqualTo("n1");
            client.cancel();
            await().until(() -> ads.streams.index().size() == 0);
        }
    }

    @Test
    void placeThatChanges_isNotedBesideTheSubscriptionToThePlaceItself() {
        try (AdsFixture ads = new AdsFixture()) {
            ads.store.putEndpoints("a:1", 1);
            ads.store.setEndpointsNear("n1", "a:1", 2);
            DeltaClient client = ads.delta(node("web-1").build());
            client.subscribe(InMemoryResourceStore.PLACE, "pod/shop/web-1");
            client.accept();
            client.unsubscribe(InMemoryResourceStore.PLACE, "pod/shop/web-1");
            client.subscribe(InMemoryResourceStore.ENDPOINTS, "a:1");
            client.accept();

            ads.store.setPlace("shop", "web-1", new ClientPlace("", "", "default", "n1"));
            ads.store.announce(InMemoryResourceStore.PLACE, "pod/shop/web-1");

            assertThat(DeltaClient.names(client.accept())).containsExactly("a:1");
        }
    }

    private ClientPlace place(Node node) {
        return Client.of(node, store).variant().place();
    }

    private static Locality locality(String region, String zone) {
        return Locality.newBuilder().setRegion(region).setZone(zone).build();
    }

    private static Node.Builder node(String pod) {
        return Node.newBuilder()
                .setId("client-1")
                .setUserAgentName("xds-lb")
                .setMetadata(
                        Struct.newBuilder().putFields("namespace", text("shop")).putFields("pod", text(pod)));
    }

    private static Value text(String text) {
        return Value.newBuilder().setStringValue(text).build();
    }
}
