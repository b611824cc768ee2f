/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.CLUSTER;
import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static dev.xdslb.controlplane.topology.Objects.at;
import static dev.xdslb.controlplane.topology.Objects.pod;
import static dev.xdslb.controlplane.topology.Objects.port;
import static dev.xdslb.controlplane.topology.Objects.service;
import static dev.xdslb.controlplane.topology.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Objects that belong together and come over watches of their own. */
class HalfWayStatesTest {
    private final HalfWayStates states = new HalfWayStates();
    private final ClusterObjects objects = new ClusterObjects();
    private final SortedMap<KubernetesClusterName, ClusterObjects> clusters = new TreeMap<>();
    private @Nullable ServiceView served;
    private ServiceProjection.Result result;
    private long now = 1_000;

    HalfWayStatesTest() {
        clusters.put(CLUSTER, objects);
        put(
                service("orders", port("http", 80)),
                pod("orders-1", "u1", 5),
                slice("a", "orders").of(at("10.0.0.1").pod("orders-1", "u1")));
        look();
    }

    @Test
    void endpointThatComesBeforeItsPod_isHeldBack_andServedWhole() {
        put(slice("a", "orders")
                .of(at("10.0.0.1").pod("orders-1", "u1"), at("10.0.0.2").pod("orders-2", "u2")));
        look();
        assertThat(addresses()).containsExactly("10.0.0.1");
        assertThat(result.skipped()).singleElement().asString().contains("10.0.0.2 waits for its Pod orders-2");

        pass(Duration.ofSeconds(2));
        put(pod("orders-2", "u2", 50));
        look();

        assertThat(addresses()).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(served.ports().get(0).endpoints())
                .extracting(EndpointView::weight)
                .containsExactly(5, 50);
        assertThat(result.skipped()).isEmpty();
        assertThat(states.due(now + Duration.ofHours(1).toNanos())).isEmpty();
    }

    /** Of the same name, as in a StatefulSet; what is known of the former pod says nothing. */
    @Test
    void endpointOfAPodThatWasMadeAgain_waitsForThat() {
        put(slice("a", "orders").of(at("10.0.0.3").pod("orders-1", "u1b")));
        look();
        assertThat(addresses()).isEmpty();

        put(pod("orders-1", "u1b", 7));
        look();
        assertThat(addresses()).containsExactly("10.0.0.3");
    }

    @Test
    void podThatDoesNotCome_isWaitedForOnce_forThreeSeconds() {
        put(slice("a", "orders")
                .of(at("10.0.0.1").pod("orders-1", "u1"), at("10.0.0.2").pod("orders-2", "u2")));
        look();
        pass(Duration.ofSeconds(2));
        assertThat(states.due(now)).isEmpty();
        pass(Duration.ofSeconds(1));
        assertThat(states.due(now)).containsExactly(ORDERS);

        look();
        assertThat(addresses()).containsExactly("10.0.0.1", "10.0.0.2");
        assertThat(states.due(now)).isEmpty();
        put(pod("orders-1", "u1", 6));
        look();
        assertThat(addresses()).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void endpointThatIsServed_isNotTakenAway_becauseItsPodIsGoneFirst() {
        objects.apply(new TopologyChange.Remove(ObjectId.pod("shop", "orders-1")), new Touched());
        look();

        assertThat(addresses()).containsExactly("10.0.0.1");
    }

    @Test
    void endpointThatIsNotReady_isShownAtOnce() {
        put(slice("a", "orders")
                .of(
                        at("10.0.0.1").pod("orders-1", "u1"),
                        at("10.0.0.2").pod("orders-2", "u2").notReady()));
        look();

        assertThat(addresses()).containsExactly("10.0.0.1", "10.0.0.2");
    }

    @Test
    void portThatIsRenamed_keepsItsEndpoints_untilTheSlicesFollow() {
        put(service("orders", port("web", 80)));
        look();
        assertThat(addresses()).containsExactly("10.0.0.1");

        pass(Duration.ofSeconds(1));
        put(slice("a", "orders")
                .ports(new SliceObject.Port("web", 9100))
                .of(at("10.0.0.1").pod("orders-1", "u1")));
        look();

        assertThat(served.ports().get(0).endpoints())
                .singleElement()
                .satisfies(endpoint -> assertThat(endpoint.port()).isEqualTo(9100));
        assertThat(result.skipped()).isEmpty();
    }

    @Test
    void portThatIsRenamed_andNoSliceFollows_isEmptyAfterThreeSeconds_andSaid() {
        put(service("orders", port("web", 80)));
        look();
        pass(HalfWayStates.PATIENCE);
        look();

        assertThat(addresses()).isEmpty();
        assertThat(result.skipped()).singleElement().asString().contains("port \"web\" has no endpoints");
    }

    /** What files say is whole: there may be no Pods in them at all. */
    @Test
    void whatComesAtOnce_isNotWaitedFor() {
        objects.apply(
                new TopologyChange.Replace(
                        List.of(
                                service("orders", port("http", 80)),
                                slice("a", "orders").of(at("10.0.0.9").pod("orders-9", "u9"))),
                        List.of()),
                new Touched());
        look();

        assertThat(addresses()).containsExactly("10.0.0.9");
    }

    private void put(TopologyObject... changed) {
        for (TopologyObject object : changed) {
            objects.apply(new TopologyChange.Upsert(object), new Touched());
        }
    }

    private void look() {
        HalfWayStates.Waiting waiting = states.look(ORDERS, now);
        result = ServiceProjection.project(ORDERS, clusters, served, waiting);
        waiting.end();
        served = result.view();
    }

    private void pass(Duration time) {
        now += time.toNanos();
    }

    private List<String> addresses() {
        return served.ports().get(0).endpoints().stream()
                .map(EndpointView::address)
                .toList();
    }
}
