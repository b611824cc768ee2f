/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static dev.xdslb.xds.Answers.delta;
import static dev.xdslb.xds.Answers.resource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import io.grpc.ForwardingChannelBuilder2;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The client over real connections. */
class ConnectionTest {
    private final LogRecorder log = new LogRecorder();
    private final RecordingChannels channels = new RecordingChannels();
    private final RecordingWatcher watcher = new RecordingWatcher();
    private FakeAdsServer server;
    private XdsEndpointSource client;

    @AfterEach
    void stop() {
        if (client != null) {
            client.close();
        }
        if (server != null) {
            server.close();
        }
        log.close();
    }

    @Test
    void deliversOverHttp2() throws IOException {
        server = startServer(0);
        client = client(server.port());

        watch();

        assertThat(watcher.news).containsExactly("v1 [10.0.0.1:8080]");
        assertThat(log.lines).isEmpty();
    }

    @Test
    void serverThatDiesAndComesBack_costsOneWarningAndNoEndpoint() throws IOException {
        server = startServer(0);
        int port = server.port();
        client = client(port);
        watch();

        server.close();
        await().until(() -> watcher.news.size() == 2);
        assertThat(watcher.news.get(1))
                .startsWith("unavailable: control plane localhost:" + port + " cannot be reached: UNAVAILABLE, ")
                .contains("Connection refused", String.valueOf(port));
        await().until(() -> client.status().traffic().streams() > 5);
        assertThat(log.lines).hasSize(1);
        assertThat(log.lines.get(0)).startsWith("WARN control plane localhost:" + port);

        server = startServer(port);
        await().until(() -> client.status().connected());

        assertThat(server.newestDelta().requests.get(0).getInitialResourceVersionsMap())
                .isEqualTo(Map.of("orders.shop:8080", "v1"));
        assertThat(watcher.news).hasSize(2);
        assertThat(client.status().traffic().endpointLists()).isEqualTo(1);
        assertThat(log.lines).hasSize(2);
        assertThat(log.lines.get(1)).startsWith("INFO control plane localhost:" + port + " is reachable again");
    }

    @Test
    void hostThatNobodyKnows_isNamed() {
        client = client("no-such-host.invalid:18000", settings -> settings);

        client.subscribe("orders.shop:8080", watcher);

        await().until(() -> client.status().traffic().streams() > 3);
        assertThat(watcher.news.get(0))
                .startsWith("unavailable: control plane no-such-host.invalid:18000 cannot be reached: UNAVAILABLE, "
                        + "unknown host no-such-host.invalid");
        assertThat(log.lines).hasSize(1);
        assertThat(channels.built).isEmpty(); // a channel would log every attempt
    }

    @Test
    void peerThatTakesConnectionsAndSaysNothing_isGivenUpAfterTheConnectTimeout() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            client = client(
                    silent.getInetAddress().getHostAddress() + ':' + silent.getLocalPort(),
                    settings -> settings.connectTimeout(Duration.ofMillis(200)));

            client.subscribe("orders.shop:8080", watcher);

            await().until(() -> !watcher.news.isEmpty());
            assertThat(watcher.news.get(0)).endsWith("DEADLINE_EXCEEDED, not connected within 200 ms");
            await().until(() -> client.status().traffic().streams() > 1);
        }
    }

    @Test
    void channelIsProbedWhenItIsSilent() throws IOException {
        server = startServer(0);
        client = client(server.port());

        watch();

        assertThat(channels.keepAliveTime).isEqualTo(XdsClientSettings.DEFAULT_KEEP_ALIVE_TIME);
        assertThat(channels.keepAliveTimeout).isEqualTo(XdsClientSettings.DEFAULT_KEEP_ALIVE_TIMEOUT);
    }

    @Test
    void failedAttemptsLeaveNoChannelBehind() throws IOException {
        try (ServerSocket taken = new ServerSocket(0)) {
            client = client("localhost:" + taken.getLocalPort(), settings -> settings);
        }

        client.subscribe("orders.shop:8080", watcher);
        await().until(() -> channels.built.size() > 4);

        List<ManagedChannel> failed = List.copyOf(channels.built).subList(0, 3);
        await().until(() -> failed.stream().allMatch(ManagedChannel::isTerminated));
    }

    @Test
    void closeReleasesEverything() throws IOException {
        server = startServer(0);
        client = client(server.port());
        watch();

        client.close();
        client.close();

        await().until(() -> server.newestDelta().ended());
        await().until(() -> channels.built.get(0).isTerminated());
        await().until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("xds-lb-ads")));
        assertThat(log.lines).isEmpty();
    }

    @Test
    void closedClientTakesNoSubscription() {
        client = client("localhost:1", settings -> settings);
        client.close();

        assertThatIllegalStateException()
                .isThrownBy(() -> client.subscribe("orders.shop:8080", watcher))
                .withMessage("the client of control plane localhost:1 is closed (asked for: orders.shop:8080)");
    }

    private void watch() {
        client.subscribe("orders.shop:8080", watcher);
        await().until(() ->
                !server.delta.isEmpty() && !server.newestDelta().requests.isEmpty());
        server.newestDelta()
                .send(delta("n1")
                        .addResources(resource("orders.shop:8080", "v1", "10.0.0.1:8080"))
                        .build());
        await().until(() -> !watcher.news.isEmpty());
    }

    private static FakeAdsServer startServer(int port) throws IOException {
        return FakeAdsServer.start(
                Grpc.newServerBuilderForPort(port, InsecureServerCredentials.create()), XdsProtocol.DELTA);
    }

    private XdsEndpointSource client(int port) {
        return client("localhost:" + port, settings -> settings);
    }

    private XdsEndpointSource client(String address, UnaryOperator<XdsClientSettings.Builder> settings) {
        XdsClientSettings.Builder builder = XdsClientSettings.builder(address, ClientHarness.NODE)
                .backOff(Duration.ofMillis(10), Duration.ofMillis(50))
                .channelFactory(channels);
        return new XdsEndpointSource(settings.apply(builder).build());
    }

    /** Plain-text channels, written down. */
    private static final class RecordingChannels implements ChannelFactory {
        private final List<ManagedChannel> built = new CopyOnWriteArrayList<>();
        private volatile Duration keepAliveTime;
        private volatile Duration keepAliveTimeout;

        @Override
        public void resolve(String address) throws IOException {
            PLAINTEXT.resolve(address);
        }

        @Override
        public ManagedChannelBuilder<?> newChannelBuilder(String address) {
            return new Builder(PLAINTEXT.newChannelBuilder(address));
        }

        private final class Builder extends ForwardingChannelBuilder2<Builder> {
            private final ManagedChannelBuilder<?> delegate;

            Builder(ManagedChannelBuilder<?> delegate) {
                this.delegate = delegate;
            }

            @Override
            protected ManagedChannelBuilder<?> delegate() {
                return delegate;
            }

            @Override
            public Builder keepAliveTime(long time, TimeUnit unit) {
                keepAliveTime = Duration.of(time, unit.toChronoUnit());
                return super.keepAliveTime(time, unit);
            }

            @Override
            public Builder keepAliveTimeout(long time, TimeUnit unit) {
                keepAliveTimeout = Duration.of(time, unit.toChronoUnit());
                return super.keepAliveTimeout(time, unit);
            }

            @Override
            public ManagedChannel build() {
                ManagedChannel channel = super.build();
                built.add(channel);
                return channel;
            }
        }
    }
}
