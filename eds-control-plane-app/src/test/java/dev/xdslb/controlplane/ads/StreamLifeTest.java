/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.CLUSTER;
import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryResponse;
import io.grpc.CallOptions;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How streams begin, what they refuse, and what is left when they end. */
class StreamLifeTest {
    private static final String UNKNOWN_TYPE = "type.googleapis.com/envoy.config.nothing.v3.Nothing";

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
    void nodeInTheFirstRequestOnly_isKnownForTheWholeStream() {
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        client.accept();
        client.send(DeltaDiscoveryRequest.newBuilder()
                .setNode(Node.newBuilder().setId("somebody else"))
                .setTypeUrl(CLUSTER.typeUrl())
                .addResourceNamesSubscribe("a:1"));
        client.accept();
        assertThat(ads.stream().node()).isEqualTo("client-1");
        assertThat(ads.stream().family()).isEqualTo(Family.XDS_LB);
        assertThat(ads.stream().namespace()).isEqualTo("shop");
    }

    @Test
    void firstRequestWithoutNodeId_endsTheStreamWithInvalidArgument() {
        DeltaClient delta =
                ads.delta(Node.newBuilder().setUserAgentName("envoy").build());
        delta.subscribe(CLUSTER);
        assertThat(delta.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        SotwClient sotw = ads.sotw(Node.getDefaultInstance());
        sotw.subscribe(CLUSTER);
        assertThat(sotw.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(sotw.awaitEnd().getDescription()).contains("node.id");
    }

    @Test
    void requestWithoutTypeUrl_endsTheStreamWithInvalidArgument() {
        DeltaClient delta = ads.delta();
        delta.send(DeltaDiscoveryRequest.newBuilder());
        assertThat(delta.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        SotwClient sotw = ads.sotw();
        sotw.send(DiscoveryRequest.newBuilder().addResourceNames("a:1"));
        assertThat(sotw.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
        assertThat(sotw.awaitEnd().getDescription()).contains("type_url");
    }

    @Test
    void unknownTypeOverDelta_isToldRemovedAndTheStreamGoesOn() {
        DeltaClient client = ads.delta();
        client.send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(UNKNOWN_TYPE).addResourceNamesSubscribe("x"));
        DeltaDiscoveryResponse response = client.next();
        assertThat(response.getTypeUrl()).isEqualTo(UNKNOWN_TYPE);
        assertThat(response.getRemovedResourcesList()).containsExactly("x");
        assertThat(response.getResourceErrors(0).getErrorDetail().getMessage()).contains(UNKNOWN_TYPE);
        client.ack(response);
        client.expectNothingSent();
    }

    @Test
    void unknownTypeOverStateOfTheWorld_isAnsweredEmptyAndTheStreamGoesOn() {
        for (String agent : new String[] {"envoy", "gRPC Go"}) {
            SotwClient client = ads.sotw(AdsFixture.node(agent));
            client.send(DiscoveryRequest.newBuilder().setTypeUrl(UNKNOWN_TYPE));
            DiscoveryResponse response = client.next();
            assertThat(response.getTypeUrl()).isEqualTo(UNKNOWN_TYPE);
            assertThat(response.getResourcesList()).isEmpty();
            client.send(DiscoveryRequest.newBuilder()
                    .setTypeUrl(UNKNOWN_TYPE)
                    .setVersionInfo(response.getVersionInfo())
                    .setResponseNonce(response.getNonce()));
            client.expectNothingSent();
        }
    }

    @Test
    void endlessUnknownTypes_endTheStream() {
        DeltaClient client = ads.delta();
        for (int i = 0; i < 20; i++) {
            client.send(DeltaDiscoveryRequest.newBuilder().setTypeUrl(UNKNOWN_TYPE + i));
        }
        assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
    }

    @Test
    void moreNamesThanAllowed_endTheStream() {
        try (AdsFixture limited = new AdsFixture(AdsSettings.DEFAULT.withMaxNames(2))) {
            DeltaClient client = limited.delta();
            client.subscribe(ENDPOINTS, "a:1", "b:1", "c:1");
            assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(limited.streams.index().size()).isZero();
        }
    }

    @Test
    void bytesThatAreNoRequest_endOnlyTheStreamThatTheyCameOn() {
        DeltaClient other = ads.delta();
        other.subscribe(ENDPOINTS, "a:1");
        other.accept();
        TestStream<byte[], byte[]> broken = new TestStream<>(ads.channel(), RawBytes.DELTA_METHOD, true);
        broken.send("this is no protobuf message".getBytes(StandardCharsets.UTF_8));
        assertThat(broken.awaitEnd().isOk()).isFalse();
        await().until(() -> ads.streams.streamCount() == 1);
        other.expectNothingSent();
        ads.store.putEndpoints("a:1", 2);
        other.accept();
    }

    @Test
    void defectInTheStore_endsTheStreamAndNoOther() {
        DeltaClient idle = ads.delta();
        idle.subscribe(ENDPOINTS, "a:1");
        idle.accept();
        ads.store.setBroken(true);
        DeltaClient client = ads.delta();
        client.subscribe(ENDPOINTS, "a:1");
        assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.INTERNAL);
        ads.store.setBroken(false);
        idle.expectNothingSent();
    }

    @Test
    void twoStreamsOfOneNode_areIndependent() {
        DeltaClient one = ads.delta();
        SotwClient two = ads.sotw();
        one.subscribe(ENDPOINTS, "a:1");
        two.subscribe(ENDPOINTS, "a:1");
        DeltaDiscoveryResponse unanswered = one.next();
        two.accept();
        ads.store.putEndpoints("a:1", 2);
        two.accept();
        two.halfClose();
        assertThat(two.awaitEnd().isOk()).isTrue();
        one.expectNothingReceived();
        one.ack(unanswered);
        assertThat(DeltaClient.names(one.accept())).containsExactly("a:1");
    }

    @Test
    void streamBeforeTheFirstSync_isRefusedAndSentNothing() {
        ads.store.setSynced(false);
        DeltaClient early = ads.delta();
        early.subscribe(CLUSTER);
        assertThat(early.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        early.expectNothingReceived();
        ads.store.setSynced(true);
        DeltaClient later = ads.delta();
        later.subscribe(CLUSTER);
        assertThat(DeltaClient.names(later.accept())).containsExactly("a:1");
    }

    @Test
    void streamThatEnds_leavesNothingBehindHoweverItEnds() {
        for (int i = 0; i < 50; i++) {
            DeltaClient closed = ads.delta();
            closed.subscribe(CLUSTER, "*", "a:1");
            closed.subscribe(ENDPOINTS, "a:1", "z:1");
            closed.next();
            closed.halfClose();
            assertThat(closed.awaitEnd().isOk()).isTrue();

            SotwClient cancelled = ads.sotw();
            cancelled.subscribe(CLUSTER);
            cancelled.next();
            cancelled.cancel();
        }
        TestStream<byte[], byte[]> late = new TestStream<>(
                ads.channel(),
                RawBytes.DELTA_METHOD,
                true,
                CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MILLISECONDS));
        assertThat(late.awaitEnd().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED);

        await().until(() -> ads.streams.streamCount() == 0);
        assertThat(ads.streams.index().size()).isZero();
        assertThat(ads.streams.page(null, 0, 1_000).streams()).isEmpty();
    }

    @Test
    void drain_closesEveryStreamAndRefusesNewOnes() {
        DeltaClient open = ads.delta();
        open.subscribe(ENDPOINTS, "a:1");
        open.accept();
        ads.streams.drain(Duration.ofSeconds(10));
        ads.pass(Duration.ZERO);
        assertThat(open.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        DeltaClient late = ads.delta();
        assertThat(late.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
    }

    /** They all come back to another replica. */
    @Test
    void drainOfManyStreams_takesTheTimeThatItMayTake_oneAfterTheOther() {
        List<DeltaClient> clients = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            clients.add(ads.delta());
        }
        ads.streams.drain(Duration.ofMillis(100));
        for (int ended = 1; ended <= 20; ended++) {
            int atLeast = ended;
            ads.pass(ended == 1 ? Duration.ZERO : Duration.ofMillis(5));
            await().until(() -> clients.stream().filter(TestStream::hasEnded).count() == atLeast);
        }
        assertThat(ads.waiting()).isZero();
    }

    @Test
    void drainOfAFewStreams_isSoonOver() {
        List<DeltaClient> clients = List.of(ads.delta(), ads.delta(), ads.delta());
        ads.streams.drain(Duration.ofSeconds(10));
        ads.pass(Duration.ofMillis(20));

        clients.forEach(client -> assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE));
    }

    @Test
    void closedService_doesNotListenToTheStore() {
        assertThat(ads.store.listeners()).isEqualTo(1);
        ads.streams.close();
        assertThat(ads.store.listeners()).isZero();
    }
}
