/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.xds.XdsClientSettings;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsNode;
import java.io.IOException;
import java.net.ConnectException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ManifestControlPlaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    private Path folder;

    @Test
    void emptyFolder_hasNoService() {
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(folder);
                Client client = new Client(controlPlane)) {
            await().atMost(PATIENCE).until(() -> client.told.contains("absent"));
            assertThat(controlPlane.problem()).isEmpty();
        }
    }

    @Test
    void broken_atTheStart_isSaid_andAtRunTimeTheLastGoodIsServed() throws IOException {
        Path file = Files.writeString(folder.resolve("orders.yaml"), "kind: [Service");
        assertThatIllegalStateException()
                .isThrownBy(() -> ManifestControlPlane.serve(folder))
                .withMessageContaining("orders.yaml");

        Files.writeString(file, CheckoutWithControlPlaneTest.service("orders", 8080));
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(folder);
                Client client = new Client(controlPlane)) {
            await().atMost(PATIENCE).until(() -> client.told.contains("127.0.0.1:8080"));
            Files.writeString(file, "kind: [Service");
            await().atMost(PATIENCE).until(() -> controlPlane.problem().contains("orders.yaml"));
            assertThat(client.told).containsOnly("127.0.0.1:8080");
        }
    }

    @Test
    void noFolder_isSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ManifestControlPlane.serve(folder.resolve("elsewhere")))
                .withMessageContaining("elsewhere (expected: a folder of manifests)");
    }

    @Test
    void severalBesideEachOther_haveTheirOwnPorts_andGiveThemBack() throws IOException {
        String[] address;
        try (ManifestControlPlane first = ManifestControlPlane.serve(folder);
                ManifestControlPlane second = ManifestControlPlane.serve(folder)) {
            assertThat(first.getAddress()).isNotEqualTo(second.getAddress());
            address = first.getAddress().split(":");
            new Socket(address[0], Integer.parseInt(address[1])).close();
        }
        await().atMost(PATIENCE).until(() -> {
            try {
                new Socket(address[0], Integer.parseInt(address[1])).close();
                return false;
            } catch (ConnectException e) {
                return true;
            }
        });
    }

    /** Asks for the orders. */
    private static final class Client implements EndpointSource.Watcher, AutoCloseable {
        private final List<String> told = new CopyOnWriteArrayList<>();
        private final XdsEndpointSource source;

        private Client(ManifestControlPlane controlPlane) {
            source = new XdsEndpointSource(
                    XdsClientSettings.builder(controlPlane.getAddress(), XdsNode.ofThisProcess("web", "shop", "", ""))
                            .build());
            source.subscribe("orders.shop:8080", this);
        }

        @Override
        public void onSnapshot(ServiceSnapshot snapshot) {
            snapshot.endpoints().endpoints().forEach(endpoint -> told.add(endpoint.address()));
        }

        @Override
        public void onAbsent(String reason) {
            told.add("absent");
        }

        @Override
        public void onUnavailable(String reason) {
            told.add(reason);
        }

        @Override
        public void close() {
            source.close();
        }
    }
}
