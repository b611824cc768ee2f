/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.at;
import static dev.xdslb.controlplane.topology.Objects.port;
import static dev.xdslb.controlplane.topology.Objects.service;
import static dev.xdslb.controlplane.topology.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Since when a service has looked different: the meters of convergence begin there. */
class ChangeTimesTest {
    private static final KubernetesClusterName CLUSTER = new KubernetesClusterName("test");
    private static final Instant TRIGGER = Instant.parse("2026-01-01T00:00:00.5Z");

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final LinkedBlockingQueue<ServiceChange> announced = new LinkedBlockingQueue<>();

    @BeforeEach
    void serveOrders() throws InterruptedException {
        topology.addListener(announced::addAll);
        put(service("orders", port("http", 80)));
        put(triggered(slice("a", "orders").of(at("10.0.0.1")), TRIGGER));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        topology.start();
        await().until(topology::isSynced);
        next();
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void sliceWithANewTriggerTime_beganThen() throws InterruptedException {
        put(triggered(slice("a", "orders").of(at("10.0.0.2")), TRIGGER.plusSeconds(7)));

        assertThat(next().since()).isEqualTo(TRIGGER.plusSeconds(7));
    }

    @Test
    void sliceWithTheTriggerTimeOfAnEarlierChange_beganWhenItCame() throws InterruptedException {
        Instant before = Instant.now();
        put(triggered(slice("a", "orders").of(at("10.0.0.2")), TRIGGER));

        assertThat(next().since()).isBetween(before, Instant.now());
    }

    @Test
    void sliceThatSaysNoTime_andSliceThatIsGone_beganWhenTheyCame() throws InterruptedException {
        Instant before = Instant.now();
        put(slice("a", "orders").of(at("10.0.0.2")));
        assertThat(next().since()).isBetween(before, Instant.now());

        topology.submit(CLUSTER, new TopologyChange.Remove(ObjectId.slice("shop", "a")));
        assertThat(next().since()).isBetween(before, Instant.now());
    }

    @Test
    void severalChangesInOne_beganWithTheOldest() {
        Touched touched = new Touched();
        ClusterObjects objects = new ClusterObjects();
        objects.apply(upsert(triggered(slice("a", "orders").of(at("10.0.0.1")), TRIGGER.plusSeconds(2))), touched);
        objects.apply(upsert(triggered(slice("b", "orders").of(at("10.0.0.2")), TRIGGER.plusSeconds(1))), touched);
        objects.apply(upsert(slice("c", "orders").of(at("10.0.0.3"))), touched);
        touched.othersBegan(TRIGGER.plusSeconds(9));

        assertThat(touched.since(new ServiceKey("shop", "orders"))).isEqualTo(TRIGGER.plusSeconds(1));
        touched.clear();
        assertThat(touched.since(new ServiceKey("shop", "orders"))).isNull();
    }

    /** Two replicas may hear of the same endpoints with different times. */
    @Test
    void triggerTimeAlone_isNoChange() throws InterruptedException {
        put(triggered(slice("a", "orders").of(at("10.0.0.1")), TRIGGER.plusSeconds(3)));
        put(service("carts", port("http", 80)));

        assertThat(next().key()).isEqualTo(new ServiceKey("shop", "carts"));
    }

    /** Clients should hear soon of what they are not to use any more. */
    @Test
    void endpointThatIsNotReadyOrGone_orAServiceThatIsGone_isWithdrawn_andWhatComesIsNot() throws InterruptedException {
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2")));
        assertThat(next().withdraws()).isFalse();
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2").notReady()));
        assertThat(next().withdraws()).isTrue();
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2")));
        assertThat(next().withdraws()).isFalse();
        put(slice("a", "orders").of(at("10.0.0.2"), at("10.0.0.3")));
        assertThat(next().withdraws()).isTrue();
        put(service("carts", port("http", 80)));
        assertThat(next().withdraws()).isFalse();
        topology.submit(CLUSTER, new TopologyChange.Remove(ObjectId.service("shop", "orders")));
        assertThat(next().withdraws()).isTrue();
    }

    private static TopologyChange upsert(TopologyObject object) {
        return new TopologyChange.Upsert(object);
    }

    private void put(TopologyObject object) {
        topology.submit(CLUSTER, upsert(object));
    }

    private ServiceChange next() throws InterruptedException {
        ServiceChange change = announced.poll(20, TimeUnit.SECONDS);
        assertThat(change).isNotNull();
        return change;
    }

    private static SliceObject triggered(SliceObject slice, Instant time) {
        return new SliceObject(
                slice.namespace(),
                slice.name(),
                slice.serviceName(),
                slice.imported(),
                slice.family(),
                slice.ports(),
                slice.endpoints(),
                slice.origin(),
                time);
    }
}
