/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ClusterRegistryTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final ClusterRegistry registry = new ClusterRegistry(
            source, resource -> ClusterSettings.of(new P2cLeastRequest(ClusterRegistry.THREAD_LOCAL_RANDOM)));

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void sameResource_isOneCluster() {
        assertThat(registry.cluster("orders.shop:8080")).isSameAs(registry.cluster("orders.shop:8080"));
        assertThat(registry.clusters()).hasSize(1);
    }

    @Test
    void twoNamesOfOneEndpoint_seeTheSameLoad() {
        Endpoint pod = Endpoint.builder("10.0.0.1", 8080).pod("a", "uid-a").build();
        Cluster byNumber = registry.cluster("orders.shop:8080");
        Cluster byName = registry.cluster("orders.shop:http");
        source.publish("orders.shop:8080", pod);
        source.publish("orders.shop:http", pod);

        Lease unused = byNumber.lease(byNumber.picker().pick(RequestAttributes.NONE));

        assertThat(byName.picker().pick(RequestAttributes.NONE).endpointLoad().inFlight())
                .isEqualTo(1);
    }

    @Test
    void serverThatGoes_isLeftOut_untilItListensAgain() throws Exception {
        Cluster cluster = registry.cluster("orders.shop:8080");
        InetAddress loopback = InetAddress.getLoopbackAddress();
        int port;
        try (ServerSocket other = new ServerSocket(0, 50, loopback)) {
            try (ServerSocket server = new ServerSocket(0, 50, loopback)) {
                port = server.getLocalPort();
            }
            Endpoint gone = Endpoint.builder("127.0.0.1", port).build();
            source.publish(
                    "orders.shop:8080",
                    gone,
                    Endpoint.builder("127.0.0.1", other.getLocalPort()).build());
            Candidate candidate = cluster.picker().restrictedTo(gone::equals).pick(RequestAttributes.NONE);
            cluster.lease(candidate).end(Outcome.CONNECTION_FAILURE);

            await().atMost(Duration.ofSeconds(30))
                    .until(() -> cluster.picker().plan().exclusions().stream()
                            .anyMatch(exclusion -> exclusion.reason() == Reason.UNREACHABLE));
            try (ServerSocket again = new ServerSocket()) {
                again.setReuseAddress(true);
                again.bind(new InetSocketAddress(loopback, port));
                await().atMost(Duration.ofSeconds(30))
                        .until(() -> cluster.picker().plan().exclusions().isEmpty());
            }
        }
    }

    @Test
    void close_closesClustersBeforeTheSource() {
        registry.cluster("orders.shop:8080");

        registry.close();

        assertThat(source.closed()).containsExactly("orders.shop:8080", "*");
    }
}
