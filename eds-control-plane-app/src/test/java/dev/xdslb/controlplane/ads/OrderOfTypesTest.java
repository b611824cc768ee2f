/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What clusters and their endpoints on one stream have to do with each other. */
class OrderOfTypesTest {
    private AdsFixture ads;

    @BeforeEach
    void start() {
        ads = new AdsFixture();
        ads.store.putCluster("a:1", 1);
        ads.store.putEndpoints("a:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    @Test
    void clusterAndEndpointsThatWaitTogether_areSentInThisOrder() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        DeltaDiscoveryResponse endpoints = client.next();
        client.subscribe(CLUSTER, "a:1");
        DeltaDiscoveryResponse cluster = client.next();
        client.ack(endpoints);
        client.accept(); // endpoints again, because the cluster was sent

        ads.store.putEndpoints("a:1", 2);
        endpoints = client.next();
        ads.store.putEndpoints("a:1", 3); // waits for the answer
        ads.store.putCluster("a:1", 2); // waits for the answer
        client.expectNothingReceived();
        client.ack(cluster);
        cluster = client.next();
        assertThat(cluster.getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
        client.ack(cluster);
        client.ack(endpoints);
        endpoints = client.accept();
        assertThat(endpoints.getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(endpoints.getResources(0).getVersion()).isEqualTo(ads.store.version(ENDPOINTS, "a:1"));
        client.expectNothingSent();
    }

    @Test
    void clusterThatIsSent_isFollowedByItsUnchangedEndpoints() {
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.subscribe(CLUSTER);
        client.accept();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();
        client.expectNothingSent();

        ads.store.putCluster("a:1", 2);
        assertThat(client.accept().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
        DeltaDiscoveryResponse endpoints = client.accept();
        assertThat(endpoints.getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(DeltaClient.names(endpoints)).containsExactly("a:1");
        client.expectNothingSent();
    }

    /** As Envoy does after the control plane was away: with the cluster in its hands it asks for endpoints, and says that it has them. */
    @Test
    void endpointsThatAreHeld_areSentAgain_whereTheirClusterWasSentBeforeTheyWereAskedFor() {
        ads.store.putCluster("b:1", 1);
        ads.store.putEndpoints("b:1", 1);
        Map<String, String> held = Map.of(
                "a:1", ads.store.version(ENDPOINTS, "a:1"),
                "b:1", ads.store.version(ENDPOINTS, "b:1"));
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.resume(CLUSTER, Map.of("a:1", "an older one", "b:1", ads.store.version(CLUSTER, "b:1"))); // of all
        assertThat(DeltaClient.names(client.accept())).containsExactly("a:1");

        client.resume(ENDPOINTS, held, "a:1", "b:1");

        assertThat(DeltaClient.names(client.accept())).containsExactly("a:1");
        client.expectNothingSent();
    }

    @Test
    void stateOfTheWorldClusterThatIsSent_isFollowedByItsUnchangedEndpointsAndNoOthers() {
        ads.store.putCluster("b:1", 1);
        ads.store.putEndpoints("b:1", 1);
        SotwClient client = ads.sotw(AdsFixture.node("envoy"));
        client.subscribe(CLUSTER);
        client.accept();
        client.subscribe(ENDPOINTS, "a:1", "b:1");
        client.accept();

        ads.store.putCluster("a:1", 2);
        assertThat(SotwClient.names(client.accept())).containsExactly("a:1", "b:1");
        DiscoveryResponse endpoints = client.accept();
        assertThat(endpoints.getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(SotwClient.names(endpoints)).containsExactly("a:1");
        client.expectNothingSent();
    }

    /** Envoy would wait for the endpoints of a cluster that changed, and then use it without any. */
    @Test
    void stateOfTheWorldClusterThatChangesWhileAnotherIsAboutToBeSent_isFollowedByItsEndpointsAsWell() {
        ads.store.putCluster("b:1", 1);
        ads.store.putEndpoints("b:1", 1);
        SotwClient client = ads.sotw(AdsFixture.node("envoy"));
        client.subscribe(CLUSTER);
        client.accept();
        client.subscribe(ENDPOINTS, "a:1", "b:1");
        client.accept();

        ads.store.setCluster("b:1", 2);
        ads.store.afterNextLookup(() -> ads.store.setCluster("a:1", 2));
        ads.store.announce(CLUSTER, "b:1");
        DiscoveryResponse clusters = client.accept();
        assertThat(SotwClient.names(clusters)).containsExactly("a:1", "b:1");
        ads.store.announce(CLUSTER, "a:1");

        DiscoveryResponse endpoints = client.accept();
        assertThat(endpoints.getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(SotwClient.names(endpoints)).containsExactly("a:1", "b:1");
        client.expectNothingSent();
    }

    @Test
    void endpointsAskedForBeforeTheCluster_areAnsweredAndSentAgainAfterIt() {
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.subscribe(ENDPOINTS, "a:1");
        assertThat(client.accept().getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        client.subscribe(CLUSTER);
        assertThat(client.accept().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
        assertThat(client.accept().getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
    }

    @Test
    void endpointsOfAWarmingClusterThatThisReplicaDoesNotKnow_areAnswered() {
        SotwClient client = ads.sotw(AdsFixture.node("envoy"));
        client.subscribe(ENDPOINTS, "unknown:1");
        assertThat(SotwClient.names(client.accept())).containsExactly("unknown:1");

        DeltaClient delta = ads.delta(AdsFixture.node("envoy"));
        delta.resume(ENDPOINTS, Map.of(), "unknown:1");
        assertThat(delta.accept().getRemovedResourcesList()).containsExactly("unknown:1");
    }

    @Test
    void clusterThatIsRemovedAndComesBack_isFollowedByItsEndpoints() {
        DeltaClient client = ads.delta(AdsFixture.node("envoy"));
        client.subscribe(CLUSTER);
        client.accept();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();

        ads.store.remove(CLUSTER, "a:1");
        assertThat(client.accept().getRemovedResourcesList()).containsExactly("a:1");
        client.expectNothingSent();
        ads.store.putCluster("a:1", 1);
        assertThat(client.accept().getTypeUrl()).isEqualTo(CLUSTER.typeUrl());
        DeltaDiscoveryResponse endpoints = client.accept();
        assertThat(endpoints.getTypeUrl()).isEqualTo(ENDPOINTS.typeUrl());
        assertThat(DeltaClient.names(endpoints)).containsExactly("a:1");
    }
}
