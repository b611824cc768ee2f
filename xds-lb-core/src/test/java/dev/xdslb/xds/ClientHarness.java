/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource.Subscription;
import dev.xdslb.xds.proto.DeltaDiscoveryResponse;
import dev.xdslb.xds.proto.DiscoveryResponse;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import java.util.function.UnaryOperator;

/** A client and a fake control plane on one thread, the test's: after every step all that follows from it has happened. */
final class ClientHarness implements AutoCloseable {
    static final XdsNode NODE = new XdsNode("orders~1", "orders", "shop", "orders-5d9f", "zone-a");
    static final String ADDRESS = "eds-control-plane.xds-lb:18000";

    final ManualExecutor executor = new ManualExecutor();
    final LogRecorder log = new LogRecorder();
    final XdsEndpointSource client;
    private final String serverName = InProcessServerBuilder.generateName();
    FakeAdsServer server;

    ClientHarness(UnaryOperator<XdsClientSettings.Builder> settings, XdsProtocol... serverServes) throws IOException {
        server = startServer(serverServes);
        XdsClientSettings.Builder builder = XdsClientSettings.builder(ADDRESS, NODE)
                .channelFactory(
                        address -> InProcessChannelBuilder.forName(serverName).directExecutor());
        client = new XdsEndpointSource(
                settings.apply(builder).build(),
                executor,
                Runnable::run,
                executor.clock(),
                executor::nanos,
                new Random(1));
    }

    static ClientHarness delta() throws IOException {
        return new ClientHarness(settings -> settings, XdsProtocol.DELTA, XdsProtocol.SOTW);
    }

    static ClientHarness sotw() throws IOException {
        return new ClientHarness(settings -> settings.protocol(XdsProtocol.SOTW), XdsProtocol.DELTA, XdsProtocol.SOTW);
    }

    FakeAdsServer startServer(XdsProtocol... serves) throws IOException {
        return FakeAdsServer.start(InProcessServerBuilder.forName(serverName).directExecutor(), serves);
    }

    RecordingWatcher watch(String resource) {
        RecordingWatcher watcher = new RecordingWatcher();
        subscribe(resource, watcher);
        return watcher;
    }

    Subscription subscribe(String resource, RecordingWatcher watcher) {
        Subscription subscription = client.subscribe(resource, watcher);
        executor.runDue();
        return subscription;
    }

    void answer(DeltaDiscoveryResponse.Builder answer) {
        server.newestDelta().send(answer.build());
        executor.runDue();
    }

    void answer(DiscoveryResponse.Builder answer) {
        server.newestSotw().send(answer.build());
        executor.runDue();
    }

    /** Lets so much time pass that the next attempt to reconnect has been made, when it is one of the first. */
    void awaitReconnect() {
        executor.advance(Duration.ofSeconds(1));
    }

    XdsStatus.Resource status(String resource) {
        return client.status().resources().stream()
                .filter(status -> status.name().equals(resource))
                .findFirst()
                .orElseThrow();
    }

    @Override
    public void close() {
        client.close();
        executor.runDue();
        server.close();
        log.close();
    }
}
