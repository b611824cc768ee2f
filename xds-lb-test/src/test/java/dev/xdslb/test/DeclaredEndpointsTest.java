/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.strategy.P2cLeastRequest;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class DeclaredEndpointsTest {
    private static final String ORDERS = "orders.shop:8080";

    private final DeclaredEndpoints endpoints = new DeclaredEndpoints();
    private final ClusterRegistry registry = new ClusterRegistry(
            endpoints,
            resource -> ClusterSettings.of(
                    new P2cLeastRequest(() -> ThreadLocalRandom.current().nextLong())));

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void resourceThatWasDeclaredBefore_isThereAtOnce() {
        endpoints.declare(ORDERS, TestCluster.healthyEndpoints(3));

        Cluster cluster = registry.cluster(ORDERS);

        await().untilAsserted(() -> assertThat(cluster.endpoints().size()).isEqualTo(3));
    }

    @Test
    void change_reachesTheCluster() {
        endpoints.declare(ORDERS, TestCluster.healthyEndpoints(3));
        Cluster cluster = registry.cluster(ORDERS);
        endpoints.declare(ORDERS, TestCluster.healthyEndpoints(5));

        await().untilAsserted(() -> assertThat(cluster.endpoints().size()).isEqualTo(5));
    }

    @Test
    void resourceThatWasNotDeclared_doesNotExist_untilItIs() {
        Cluster cluster = registry.cluster(ORDERS);
        await().untilAsserted(() -> assertThat(cluster.status().state()).isEqualTo(State.ABSENT));
        assertThat(cluster.status().reason()).contains(ORDERS);

        endpoints.declare(ORDERS, List.of());

        await().untilAsserted(() -> assertThat(cluster.status().state()).isEqualTo(State.LIVE));
    }

    @Test
    void resourceThatWasWithdrawn_doesNotExistAnyMore() {
        endpoints.declare(ORDERS, TestCluster.healthyEndpoints(3));
        Cluster cluster = registry.cluster(ORDERS);

        endpoints.withdraw(ORDERS);

        await().untilAsserted(() -> assertThat(cluster.status().state()).isEqualTo(State.ABSENT));
    }
}
