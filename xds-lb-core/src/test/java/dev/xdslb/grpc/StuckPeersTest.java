/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.P2cLeastRequest;
import io.grpc.CallOptions;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real channels beside a peer that accepts connections and never says a word. */
class StuckPeersTest {
    private static final String PAIR = "pair.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry clusters =
            ClusterRegistry.driven(source, resource -> ClusterSettings.of(new P2cLeastRequest(random)), clock, random);
    private final GrpcRegistration registration = XdsLbGrpc.register(clusters, "shop");
    private final EchoServer good = new EchoServer();
    private final ServerSocket mute = muteSocket();
    private final Cluster cluster = clusters.cluster(PAIR);
    private ManagedChannel channel = channel(ManagedChannelBuilder.forTarget("xdslb:///" + PAIR));

    @AfterEach
    void close() throws IOException {
        channel.shutdownNow();
        registration.close();
        clusters.close();
        good.close();
        mute.close();
    }

    @Test
    void endpointThatIsEjectedBesideAMutePeer_isCalledAndComesBack() {
        ejectTheGoodOne();

        assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(good.port()));

        pass(Duration.ofMinutes(1));
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            EchoServer.say(channel);
            return cluster.picker().plan().ejected() == 0;
        });
        assertThat(channel.getState(false)).isEqualTo(ConnectivityState.READY);
    }

    @Test
    void callThatWaitsForReady_isSentToo() {
        ejectTheGoodOne();

        CallOptions waiting = CallOptions.DEFAULT.withWaitForReady().withDeadlineAfter(30, TimeUnit.SECONDS);
        assertThat(EchoServer.say(channel, waiting)).isEqualTo(Integer.toString(good.port()));
    }

    @Test
    void channelThatWasIdle_doesNotWaitForEverEither() {
        ejectTheGoodOne();
        channel.enterIdle();

        assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(good.port()));
    }

    @Test
    void channelWithoutServiceConfigs_isBalancedWhereItNamesThePolicyItself() {
        source.publish(PAIR, good.endpoint());
        channel.shutdownNow();
        channel = channel(ManagedChannelBuilder.forTarget("xdslb:///" + PAIR)
                .disableServiceConfigLookUp()
                .defaultLoadBalancingPolicy(XdsLbGrpc.POLICY)
                .defaultServiceConfig(Map.of()));

        good.hold();
        Future<String> call =
                ClientCalls.futureUnaryCall(channel.newCall(EchoServer.SAY, CallOptions.DEFAULT), "hello");
        await().until(() -> good.held() == 1);
        assertThat(cluster.picker().plan().groups().get(0).get(0).endpointLoad().inFlight())
                .as("counted by our policy")
                .isEqualTo(1);
        good.release();
        assertThat(call).succeedsWithin(Duration.ofSeconds(10));
    }

    private void ejectTheGoodOne() {
        Endpoint silent = Endpoint.builder("127.0.0.1", mute.getLocalPort())
                .pod("mute", "uid-mute")
                .build();
        source.publish(PAIR, good.endpoint(), silent);
        for (int i = 0; i < 20; i++) {
            assertThat(EchoServer.say(channel)).isEqualTo(Integer.toString(good.port()));
        }
        good.answerWith(Status.UNAVAILABLE);
        for (int i = 0; i < 5; i++) {
            try {
                EchoServer.say(channel);
            } catch (StatusRuntimeException e) {
                assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.UNAVAILABLE);
            }
        }
        good.answerWith(Status.OK);
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) <= 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            clusters.tick();
        }
    }

    private static ManagedChannel channel(ManagedChannelBuilder<?> builder) {
        return builder.usePlaintext().build();
    }

    private static ServerSocket muteSocket() {
        try {
            return new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
