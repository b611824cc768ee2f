/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static dev.xdslb.controlplane.ads.InMemoryResourceStore.ENDPOINTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.fault.Faults;
import io.envoyproxy.envoy.service.discovery.v3.AggregatedDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.envoyproxy.envoy.service.status.v3.ClientStatusDiscoveryServiceGrpc;
import io.envoyproxy.envoy.service.status.v3.ClientStatusRequest;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The server on a real port, spoken to over HTTP/2. */
class XdsServerTest {
    private static final Set<Family> ALL = Set.of(Family.values());

    private final InMemoryResourceStore store = new InMemoryResourceStore();
    private final XdsServer server = new XdsServer(store, "127.0.0.1", 0, ALL);
    private final List<ManagedChannel> channels = new ArrayList<>();

    @BeforeEach
    void start() {
        server.start();
        store.putEndpoints("a:1", 1);
    }

    @AfterEach
    void stop() {
        channels.forEach(ManagedChannel::shutdownNow);
        server.stop();
    }

    @Test
    void portZero_isAFreePortThatItSays() {
        assertThat(server.port()).isPositive();
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        assertThat(DeltaClient.names(client.next())).containsExactly("a:1");
        assertThat(server.streams(null, 0, 1_000).streams()).singleElement().satisfies(stream -> {
            assertThat(stream.node()).isEqualTo("client-1");
            assertThat(stream.peer()).contains("127.0.0.1");
        });
    }

    @Test
    void takenPort_isSaidWithWhatToDo() {
        XdsServer second = new XdsServer(store, "127.0.0.1", server.port(), ALL);
        assertThatThrownBy(second::start)
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("127.0.0.1:" + server.port())
                .hasMessageContaining("xds-lb.control-plane.port");
        assertThat(second.isRunning()).isFalse();
        assertThat(store.listeners()).isEqualTo(1);
    }

    @Test
    void stop_endsStreamsWithUnavailableAndForgetsTheStore() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        client.next();
        server.stop();
        assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
        assertThat(server.isRunning()).isFalse();
        assertThat(store.listeners()).isZero();
    }

    @Test
    void serverThatSheds_endsItsStreams_andRefusesNewOnesWithTheReason_untilItAcceptsAgain() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        client.next();

        server.shed("go elsewhere", Duration.ofMillis(10));
        assertThat(client.awaitEnd()).satisfies(status -> {
            assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            assertThat(status.getDescription()).isEqualTo("go elsewhere");
        });
        assertThat(connect(true).awaitEnd().getDescription()).isEqualTo("go elsewhere");

        server.accept();
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> back = connect(true);
        back.send(subscription());
        assertThat(DeltaClient.names(back.next())).containsExactly("a:1");
    }

    @Test
    void streamThatWasNotShedYet_staysWhenTheServerAcceptsAgain() {
        for (int i = 0; i < 2; i++) {
            TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
            client.send(subscription());
            client.next();
        }

        server.shed("go elsewhere", Duration.ofHours(1)); // the first at once, the second in half an hour
        await().until(() -> server.streams(null, 0, 1_000).streams().size() == 1);
        server.accept();

        assertThat(server.streams(null, 0, 1_000).streams()).hasSize(1);
    }

    @Test
    void stoppedServer_canBeStartedAgain() {
        server.stop();
        server.start();
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        assertThat(DeltaClient.names(client.next())).containsExactly("a:1");
    }

    @Test
    void resetByTheClient_releasesTheStream() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        client.next();
        client.cancel();
        await().until(() -> server.streams(null, 0, 1_000).streams().isEmpty());
    }

    @Test
    void connectionThatBreaks_releasesTheStream() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        client.next();
        channels.get(0).shutdownNow();
        await().until(() -> server.streams(null, 0, 1_000).streams().isEmpty());
    }

    @Test
    void bytesThatAreNoRequest_endOnlyTheStreamThatTheyCameOn() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> other = connect(true);
        other.send(subscription());
        other.next();
        TestStream<byte[], byte[]> broken = new TestStream<>(channels.get(0), RawBytes.DELTA_METHOD, true);
        broken.send("this is no protobuf message".getBytes(StandardCharsets.UTF_8));
        assertThat(broken.awaitEnd().isOk()).isFalse();
        await().until(() -> server.streams(null, 0, 1_000).streams().size() == 1);
        other.send(subscription());
    }

    @Test
    void requestLargerThanSixteenMebibytes_endsOnlyItsStream() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> other = connect(true);
        other.send(subscription());
        other.next();
        TestStream<byte[], byte[]> broken = new TestStream<>(channels.get(0), RawBytes.DELTA_METHOD, true);
        broken.send(new byte[17 * 1024 * 1024]);
        assertThat(broken.awaitEnd().isOk()).isFalse();
        await().until(() -> server.streams(null, 0, 1_000).streams().size() == 1);
    }

    /** Names such as Kubernetes has them: 25 MB, more than a request may have. */
    @Test
    void requestOfAMillionNames_isRefusedWithAReason_compressedOrNot() {
        DeltaDiscoveryRequest.Builder million = subscription().toBuilder();
        for (int i = 0; i < 1_000_000; i++) {
            million.addResourceNamesSubscribe("service-" + i + ".shop:80");
        }
        DeltaDiscoveryRequest request = million.build();
        for (CallOptions options : List.of(CallOptions.DEFAULT, CallOptions.DEFAULT.withCompression("gzip"))) {
            TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = new TestStream<>(
                    channel(), AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true, options);
            client.send(request);

            assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.RESOURCE_EXHAUSTED);
            assertThat(client.awaitEnd().getDescription()).contains("16777216 bytes", "100000 names");
        }
    }

    @Test
    void statusOfClients_isToldToWhoIsOnTheSameMachine_untilItIsSwitchedOff() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(subscription());
        client.next();
        ClientStatusDiscoveryServiceGrpc.ClientStatusDiscoveryServiceBlockingStub tool =
                ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel());
        assertThat(tool.fetchClientStatus(ClientStatusRequest.getDefaultInstance())
                        .getConfig(0)
                        .getNode()
                        .getId())
                .isEqualTo("client-1");

        XdsServer without = server(XdsServerSettings.ClientStatusAccess.NONE, Duration.ofHours(1));
        without.start();
        try {
            ManagedChannel channel = channel(without);
            assertThatThrownBy(() -> ClientStatusDiscoveryServiceGrpc.newBlockingStub(channel)
                            .fetchClientStatus(ClientStatusRequest.getDefaultInstance()))
                    .isInstanceOfSatisfying(
                            StatusRuntimeException.class,
                            e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNIMPLEMENTED));
        } finally {
            without.stop();
        }
    }

    private XdsServer server(XdsServerSettings.ClientStatusAccess access, Duration maxConnectionAge) {
        return new XdsServer(
                store,
                new XdsServerSettings(
                        "127.0.0.1", 0, Set.of(Family.values()), 0, 0, maxConnectionAge, access, Duration.ZERO),
                new Faults(),
                List.of(builder -> builder.maxConnectionAgeGrace(1, TimeUnit.MILLISECONDS)),
                StreamSignals.NONE);
    }

    /** So that clients spread over replicas that come and go. Each comes back by itself. */
    @Test
    void connectionThatIsOldEnough_isEnded_andTheClientIsServedOverAnother() {
        XdsServer young = server(XdsServerSettings.ClientStatusAccess.NONE, Duration.ofMillis(50));
        young.start();
        try {
            ManagedChannel channel = channel(young);
            for (int i = 0; i < 2; i++) {
                TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = new TestStream<>(
                        channel, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true);
                client.send(subscription());
                assertThat(client.awaitEnd().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            }
        } finally {
            young.stop();
        }
    }

    /** 100,000 names of 60 characters, each with the version that the client holds, as after a restart of a very large client. */
    @Test
    void requestOfAsManyNamesAsAreAllowed_isTaken() {
        DeltaDiscoveryRequest.Builder request = subscription().toBuilder();
        for (int i = 1; i < 100_000; i++) {
            String name = "%060d".formatted(i);
            request.addResourceNamesSubscribe(name).putInitialResourceVersions(name, "0123456789abcdef");
        }
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client = connect(true);
        client.send(request.build());

        assertThat(client.next().getTypeUrl()).isEqualTo(InMemoryResourceStore.ENDPOINTS.typeUrl());
    }

    /** CVE-2023-44487: each costs the server a stream, and the client two frames. */
    @Test
    void connectionThatResetsStreamAfterStream_isClosed_andOthersAreServed() {
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> other = connect(true);
        other.send(subscription());
        other.next();
        ManagedChannel hostile = channel();
        AtomicBoolean isClosed = new AtomicBoolean();
        int sent = 0;
        while (!isClosed.get() && sent < 20_000) {
            TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stream =
                    new TestStream<>(hostile, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true);
            stream.send(subscription());
            sent++;
            if (sent % 100 == 0 && hostile.getState(false) == ConnectivityState.READY) {
                hostile.notifyWhenStateChanged(ConnectivityState.READY, () -> isClosed.set(true));
            }
            stream.cancel();
        }

        await().untilTrue(isClosed);
        await().until(() -> server.streams(null, 0, 1_000).streams().size() == 1);
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> later = connect(true);
        later.send(subscription());
        assertThat(DeltaClient.names(later.next())).containsExactly("a:1");
        assertThat(other.hasEnded()).isFalse();
    }

    @Test
    void hundredsOfStreamsOnOneConnection_areAllServed() {
        ManagedChannel channel = channel();
        List<TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse>> clients = new ArrayList<>();
        for (int i = 0; i < 500; i++) {
            TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> client =
                    new TestStream<>(channel, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true);
            client.send(subscription());
            clients.add(client);
        }
        clients.forEach(client -> assertThat(DeltaClient.names(client.next())).containsExactly("a:1"));
        store.putEndpoints("b:1", 1);
        assertThat(server.streams(null, 0, 1_000).streams()).hasSize(500);
    }

    /** Of one per second, a connection gets the first at once and those of 8 s. */
    @Test
    void connectionThatOpensTooManyStreams_isRefusedForItself() {
        XdsServer slow = new XdsServer(
                store,
                new XdsServerSettings(
                        "127.0.0.1",
                        0,
                        ALL,
                        1,
                        0,
                        Duration.ofHours(1),
                        XdsServerSettings.ClientStatusAccess.NONE,
                        Duration.ZERO),
                new Faults(),
                List.of(),
                StreamSignals.NONE);
        slow.start();
        try {
            ManagedChannel channel = channel(slow);
            TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> last = null;
            for (int i = 0; i < 100; i++) {
                last = new TestStream<>(
                        channel, AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), true);
            }
            assertThat(last.awaitEnd().getDescription()).contains("on this connection");
        } finally {
            slow.stop();
        }
    }

    @Test
    void readerThatStops_isSentNoMoreThanOneResponseAndTheLatestStateWhenItGoesOn() {
        int large = 3 * 1024 * 1024; // more than a flow-control window
        store.putEndpoints("a:1", 1, large);
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> stalled = connect(false);
        stalled.send(subscription());
        TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> other = connect(true);
        other.send(subscription());
        other.send(ack(other.next()));
        for (int revision = 2; revision <= 200; revision++) {
            store.putEndpoints("a:1", revision);
            DeltaDiscoveryResponse response = other.next();
            assertThat(response.getResources(0).getVersion()).isEqualTo(store.version(ENDPOINTS, "a:1"));
            other.send(ack(response));
        }
        stalled.expectNothingReceived();
        assertThat(server.streams(null, 0, 1_000).streams()).hasSize(2).allSatisfy(stream -> {
            StreamView.TypeView type = stream.types().get(0);
            assertThat(type.counts().responses()).isIn(1L, 200L);
            assertThat(type.subscribed()).containsExactly("a:1");
        });

        stalled.resumeReading();
        DeltaDiscoveryResponse first = stalled.next();
        assertThat(first.getSerializedSize()).isGreaterThan(large);
        stalled.send(ack(first));
        DeltaDiscoveryResponse latest = stalled.next();
        assertThat(latest.getResources(0).getVersion()).isEqualTo(store.version(ENDPOINTS, "a:1"));
        stalled.expectNothingReceived();
    }

    private ManagedChannel channel() {
        return channel(server);
    }

    private ManagedChannel channel(XdsServer to) {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", to.port())
                .usePlaintext()
                .build();
        channels.add(channel);
        return channel;
    }

    private TestStream<DeltaDiscoveryRequest, DeltaDiscoveryResponse> connect(boolean reading) {
        return new TestStream<>(channel(), AggregatedDiscoveryServiceGrpc.getDeltaAggregatedResourcesMethod(), reading);
    }

    private static DeltaDiscoveryRequest subscription() {
        return DeltaClient.request(ENDPOINTS)
                .setNode(AdsFixture.node("xds-lb"))
                .addResourceNamesSubscribe("a:1")
                .build();
    }

    private static DeltaDiscoveryRequest ack(DeltaDiscoveryResponse response) {
        return DeltaClient.request(ENDPOINTS)
                .setResponseNonce(response.getNonce())
                .build();
    }
}
