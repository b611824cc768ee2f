/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.envoyproxy.envoy.service.cluster.v3.ClusterDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.envoyproxy.envoy.service.endpoint.v3.EndpointDiscoveryServiceGrpc;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** CDS and EDS by services of their own: the same streams, each bound to its type. */
class DiscoveryServicesTest {
    private final AdsFixture ads = new AdsFixture();

    @BeforeEach
    void put() {
        ads.store.putCluster("a:1", 1);
        ads.store.putEndpoints("a:1", 1);
    }

    @AfterEach
    void stop() {
        ads.close();
    }

    static List<Arguments> sotwMethods() {
        return List.of(
                Arguments.of(ClusterDiscoveryServiceGrpc.getStreamClustersMethod(), CLUSTER),
                Arguments.of(EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod(), ENDPOINTS));
    }

    static List<Arguments> deltaMethods() {
        return List.of(
                Arguments.of(ClusterDiscoveryServiceGrpc.getDeltaClustersMethod(), CLUSTER),
                Arguments.of(EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod(), ENDPOINTS));
    }

    @ParameterizedTest
    @MethodSource("sotwMethods")
    void stateOfTheWorldStream_tellsOfItsType_andOfChanges(
            MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method, ResourceType type) {
        TestStream<DiscoveryRequest, DiscoveryResponse> client = new TestStream<>(ads.channel(), method, true);
        client.send(sotw().setTypeUrl(type.typeUrl()).addResourceNames("a:1").build());
        DiscoveryResponse first = client.next();
        assertThat(first.getTypeUrl()).isEqualTo(type.typeUrl());
        assertThat(SotwClient.names(first)).containsExactly("a:1");

        client.send(sotw().setTypeUrl(type.typeUrl())
                .addResourceNames("a:1")
                .setResponseNonce(first.getNonce())
                .setVersionInfo(first.getVersionInfo())
                .build());
        ads.store.putCluster("a:1", 2);
        ads.store.putEndpoints("a:1", 2);

        assertThat(client.next().getVersionInfo()).isNotEqualTo(first.getVersionInfo());
        assertThat(ads.stream().types())
                .singleElement()
                .satisfies(view -> assertThat(view.typeUrl()).isEqualTo(type.typeUrl()));
    }

    @ParameterizedTest
    @MethodSource("deltaMethods")
    void deltaStream_tellsOfItsType_andOfChanges(
            MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method, ResourceType type) {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client =
                new TestStream<>(ads.channel(), method, true);
        client.send(delta().setTypeUrl(type.typeUrl())
                .addResourceNamesSubscribe("a:1")
                .build());
        DeltaDiscoveryResponse first = client.next();
        assertThat(first.getTypeUrl()).isEqualTo(type.typeUrl());
        assertThat(DeltaClient.names(first)).containsExactly("a:1");

        client.send(delta().setTypeUrl(type.typeUrl())
                .setResponseNonce(first.getNonce())
                .build());
        ads.store.remove(type, "a:1");

        assertThat(client.next().getRemovedResourcesList()).containsExactly("a:1");
    }

    @ParameterizedTest
    @MethodSource("sotwMethods")
    void stateOfTheWorldRequestWithoutAType_isOneForTheTypeOfTheService(
            MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method, ResourceType type) {
        TestStream<DiscoveryRequest, DiscoveryResponse> client = new TestStream<>(ads.channel(), method, true);
        client.send(sotw().addResourceNames("a:1").build());

        DiscoveryResponse response = client.next();
        assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
        assertThat(SotwClient.names(response)).containsExactly("a:1");
    }

    @ParameterizedTest
    @MethodSource("deltaMethods")
    void deltaRequestWithoutAType_isOneForTheTypeOfTheService(
            MethodDescriptor<DeltaDiscoveryRequest, DeltaDiscoveryResponse> method, ResourceType type) {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client =
                new TestStream<>(ads.channel(), method, true);
        client.send(delta().addResourceNamesSubscribe("a:1").build());

        DeltaDiscoveryResponse response = client.next();
        assertThat(response.getTypeUrl()).isEqualTo(type.typeUrl());
        assertThat(DeltaClient.names(response)).containsExactly("a:1");
    }

    @Test
    void requestOfAnotherType_endsTheStream_inBothProtocols() {
        TestStream<DiscoveryRequest, DiscoveryResponse> sotw =
                new TestStream<>(ads.channel(), EndpointDiscoveryServiceGrpc.getStreamEndpointsMethod(), true);
        sotw.send(sotw().setTypeUrl(CLUSTER.typeUrl()).build());
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> delta =
                new TestStream<>(ads.channel(), ClusterDiscoveryServiceGrpc.getDeltaClustersMethod(), true);
        delta.send(delta().addResourceNamesSubscribe("a:1").build());
        delta.next();
        delta.send(delta().setTypeUrl(ENDPOINTS.typeUrl()).build());

        for (TestStream<?, ?> stream : List.of(sotw, delta)) {
            assertThat(stream.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
            assertThat(stream.awaitEnd().getDescription())
                    .contains("v3.Cluster", "v3.ClusterLoadAssignment", "DiscoveryService/", "aggregated stream");
        }
        assertThat(ads.streams.streamCount()).isZero();
    }

    @Test
    void fetch_isNotServed_andWhyIsSaid() {
        for (MethodDescriptor<DiscoveryRequest, DiscoveryResponse> method : List.of(
                EndpointDiscoveryServiceGrpc.getFetchEndpointsMethod(),
                ClusterDiscoveryServiceGrpc.getFetchClustersMethod())) {
            TestStream<DiscoveryRequest, DiscoveryResponse> call = new TestStream<>(ads.channel(), method, true);

            assertThat(call.awaitEnd().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED);
            assertThat(call.awaitEnd().getDescription()).contains("DiscoveryService/Stream", "DiscoveryService/Delta");
        }
    }

    @Test
    void streamOfItsOwnService_isRefusedUntilSynced_andLeavesNothingBehind() {
        ads.store.setSynced(false);
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> early =
                new TestStream<>(ads.channel(), EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod(), true);
        assertThat(early.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);

        ads.store.setSynced(true);
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> open =
                new TestStream<>(ads.channel(), EndpointDiscoveryServiceGrpc.getDeltaEndpointsMethod(), true);
        open.send(delta().addResourceNamesSubscribe("a:1").build());
        open.next();
        open.cancel();
        await().until(() -> ads.streams.streamCount() == 0);
        assertThat(ads.streams.index().size()).isZero();
    }

    private static DiscoveryRequest.Builder sotw() {
        return DiscoveryRequest.newBuilder().setNode(AdsFixture.node("envoy"));
    }

    private static DeltaDiscoveryRequest.Builder delta() {
        return DeltaDiscoveryRequest.newBuilder().setNode(AdsFixture.node("envoy"));
    }
}
