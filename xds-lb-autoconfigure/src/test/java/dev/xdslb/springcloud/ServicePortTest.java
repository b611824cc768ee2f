/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.RoundRobin;
import java.lang.ref.WeakReference;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ServicePortTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final AtomicLong nanos = new AtomicLong();
    private final ClusterRegistry clusters = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new RoundRobin()), nanos::get, new SplittableRandom(1));
    private final Cluster cluster = clusters.cluster(ORDERS);

    @Test
    void twoPortsOfOneCluster_makeTheirListsOncePerPublication() {
        source.publish(ORDERS, Endpoint.builder("10.0.0.1", 8080).build());
        ServicePort one = new ServicePort("orders", cluster);
        ServicePort other = new ServicePort("orders.shop", cluster);

        assertThat(one.instances()).isSameAs(one.instances());
        assertThat(other.instances()).isSameAs(other.instances()).isNotSameAs(one.instances());
        assertThat(one.instances()).isSameAs(one.instances());
        assertThat(one.restrictedTo(one.instances())).isSameAs(one.restrictedTo(one.instances()));
    }

    @Test
    void clusterThatSleeps_leavesNothingHere() {
        source.publish(ORDERS, Endpoint.builder("10.0.0.1", 8080).build());
        ServicePort port = new ServicePort("orders", cluster);
        WeakReference<Object> list = new WeakReference<>(port.instances());

        for (int i = 0; i < 2 * 6_010; i++) { // twenty minutes
            nanos.addAndGet(ClusterRegistry.TICK.toNanos());
            clusters.tick();
        }

        assertThat(clusters.clusters()).isEmpty();
        await().until(() -> {
            System.gc();
            return list.get() == null;
        });
        assertThat(port.cluster()).isSameAs(cluster);
    }
}
