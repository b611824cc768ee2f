/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.CLUSTER;
import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static dev.xdslb.controlplane.topology.Objects.at;
import static dev.xdslb.controlplane.topology.Objects.port;
import static dev.xdslb.controlplane.topology.Objects.service;
import static dev.xdslb.controlplane.topology.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.BeanUtils;

class TopologyTest {

    private final Topology topology = new Topology(List.of(CLUSTER));
    private final List<List<ServiceChange>> announced = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        topology.addListener(announced::add);
        topology.start();
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void nothingIsVisibleBeforeTheFirstSync_thenEverythingAtOnce() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1")));
        put(service("carts", port("http", 80)));
        assertThat(topology.isSynced()).isFalse();
        assertThat(topology.services()).isEmpty();

        topology.submit(CLUSTER, new TopologyChange.Synced());

        await().until(topology::isSynced);
        assertThat(announced)
                .singleElement()
                .satisfies(changes -> assertThat(changes)
                        .extracting(ServiceChange::key)
                        .containsExactlyInAnyOrder(ORDERS, new ServiceKey("shop", "carts")));
    }

    @Test
    void clusterWithoutAnyObject_isSynced() {
        topology.submit(CLUSTER, new TopologyChange.Synced());

        await().until(topology::isSynced);
        assertThat(announced).isEmpty();
    }

    @Test
    void changeIsVisibleWhenItIsAnnounced_andOnlyTheServiceThatChangedIs() {
        synced();
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2")));

        ServiceChange change = nextChange();

        assertThat(change.key()).isEqualTo(ORDERS);
        assertThat(change.after()).isSameAs(topology.service(ORDERS));
        assertThat(change.before()).isNotEqualTo(change.after());
        assertThat(change.before().hasPortsOf(change.after())).isTrue();
    }

    @Test
    void changeThatLooksTheSameFromOutside_isNotAnnounced() {
        synced();
        // Another slice that repeats an endpoint, and a pod of nobody: the union stays as it was.
        put(slice("b", "orders").of(at("10.0.0.1")));
        put(Objects.pod("nobody", "u9", 5));
        SliceObject same = slice("a", "orders").of(at("10.0.0.1"));
        put(new SliceObject(
                same.namespace(),
                same.name(),
                same.serviceName(),
                same.imported(),
                same.family(),
                same.ports(),
                same.endpoints(),
                same.origin(),
                Instant.EPOCH)); // the controller looked at it once more
        put(slice("c", "carts").of(at("10.0.0.9")));

        assertThat(nextChange().key()).isEqualTo(new ServiceKey("shop", "carts"));
        assertThat(announced).hasSize(1);
    }

    @Test
    void deletedService_isAnnouncedWithoutAView() {
        synced();
        topology.submit(CLUSTER, new TopologyChange.Remove(ObjectId.service("shop", "orders")));

        assertThat(nextChange().after()).isNull();
        assertThat(topology.service(ORDERS)).isNull();
    }

    @Test
    void serviceScaledToZero_isAnnouncedWithAnEmptyView() {
        synced();
        topology.submit(CLUSTER, new TopologyChange.Remove(ObjectId.slice("shop", "a")));

        assertThat(nextChange().after().ports().get(0).endpoints()).isEmpty();
    }

    @Test
    void burstOfChanges_isAnnouncedInFewRounds() {
        synced();
        int changes = 200;
        for (int i = 2; i < changes; i++) {
            put(slice("a", "orders").of(at("10.0.0." + i)));
        }

        await().untilAsserted(
                        () -> assertThat(topology.service(ORDERS).ports().get(0).endpoints())
                                .extracting(EndpointView::address)
                                .containsExactly("10.0.0." + (changes - 1)));
        assertThat(announced).hasSizeLessThan(20);
    }

    @Test
    void listenerThatFails_keepsNobodyFromHearing() {
        topology.addListener(changes -> {
            throw new IllegalStateException("on purpose");
        });
        List<ServiceChange> heard = new CopyOnWriteArrayList<>();
        topology.addListener(heard::addAll);
        synced();

        put(slice("a", "orders").of());

        await().until(() -> !heard.isEmpty() && !announced.isEmpty());
    }

    @ParameterizedTest
    @ValueSource(classes = {StackOverflowError.class, NoClassDefFoundError.class, AssertionError.class})
    void listenerThatThrowsAnError_endsNothing_andIsToldAgainWhatItMissed(Class<? extends Error> type) {
        AtomicBoolean failing = new AtomicBoolean();
        Map<ServiceKey, ServiceView> told = new ConcurrentHashMap<>();
        topology.addListener(changes -> {
            if (failing.get()) {
                throw BeanUtils.instantiateClass(type);
            }
            changes.forEach(change -> told.put(change.key(), change.after()));
        });
        synced();
        failing.set(true);
        put(slice("a", "orders").of(at("10.0.0.2")));
        nextChange(); // the others hear it
        put(slice("a", "orders").of(at("10.0.0.3")));
        await().until(() -> announced.size() == 2);
        assertThat(told.get(ORDERS)).isNotEqualTo(topology.service(ORDERS));

        failing.set(false);

        await().until(() -> topology.service(ORDERS).equals(told.get(ORDERS)));
    }

    @Test
    void whatIsSkipped_isToldUntilItIsMended() {
        synced();
        put(slice("bad", "").of());
        put(slice("host", "orders").of(at("pod.local")));
        await().untilAsserted(() -> assertThat(topology.skipped()).hasSize(2));

        put(slice("bad", "orders").of());
        put(slice("host", "orders").of());

        await().untilAsserted(() -> assertThat(topology.skipped()).isEmpty());
    }

    @Test
    void massNotReady_isNotAnnounced_andSaidOfTheCluster_untilTheKubeletsAreHeard() {
        Instant since = Instant.now();
        put(podOfOrders(since, null));
        put(slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        synced("orders-1");

        put(podOfOrders(since, since.plusSeconds(1)));
        put(slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1").notReady()));
        await().until(() -> topology.clusters().get(0).held() == 1);
        assertThat(announced).isEmpty();
        assertThat(topology.skipped()).singleElement().asString().contains("served as ready");

        put(podOfOrders(since, null));
        put(slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        await().until(() -> topology.clusters().get(0).held() == 0);
        assertThat(announced).isEmpty();
        assertThat(topology.skipped()).isEmpty();
    }

    private static PodObject podOfOrders(Instant readySince, @Nullable Instant unheardSince) {
        return new PodObject(
                "shop",
                "orders-1",
                "u1",
                1,
                "",
                readySince,
                unheardSince,
                Map.of(),
                PodObject.Location.UNKNOWN,
                "",
                "");
    }

    private void synced(String pod) {
        put(service("orders", port("http", 80)));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(topology::isSynced);
        assertThat(topology.service(ORDERS).ports().get(0).endpoints())
                .extracting(EndpointView::podName)
                .containsExactly(pod);
        announced.clear();
    }

    private void synced() {
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1")));
        put(service("carts", port("http", 80)));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(topology::isSynced);
        announced.clear();
    }

    private ServiceChange nextChange() {
        await().until(() -> !announced.isEmpty());
        assertThat(announced.get(0)).hasSize(1);
        return announced.get(0).get(0);
    }

    private void put(TopologyObject... objects) {
        for (TopologyObject object : objects) {
            topology.submit(CLUSTER, new TopologyChange.Upsert(object));
        }
    }
}
