/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.CLUSTER;
import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static dev.xdslb.controlplane.topology.Objects.at;
import static dev.xdslb.controlplane.topology.Objects.located;
import static dev.xdslb.controlplane.topology.Objects.podOn;
import static dev.xdslb.controlplane.topology.Objects.port;
import static dev.xdslb.controlplane.topology.Objects.service;
import static dev.xdslb.controlplane.topology.Objects.slice;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.PodPlace.Membership;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class PodPlaceProjectionTest {

    private static final PodKey A1 = new PodKey("shop", "a1");
    private static final PodKey A2 = new PodKey("shop", "a2");

    private final TreeMap<KubernetesClusterName, ClusterObjects> clusters = new TreeMap<>();

    @Test
    void pod_isInTheZoneOfItsNode() {
        put(node("n1", "west", "west-1"), podOn("n1", "a1", "10.0.0.1"));

        assertThat(place(A1))
                .isEqualTo(new PodPlace(A1, CLUSTER, "n1", "west", "west-1", List.of("10.0.0.1"), false, List.of()));
    }

    @Test
    void nodeThatComesLater_orIsRelabelled_touchesItsPodsOnly() {
        put(podOn("n1", "a1"), podOn("n2", "a2"));
        assertThat(place(A1).zone()).isEmpty();

        assertThat(put(node("n1", "", "west-1")).pods()).containsExactly(A1);
        assertThat(place(A1).zone()).isEqualTo("west-1");

        assertThat(put(node("n1", "", "west-2")).pods()).containsExactly(A1);
        assertThat(place(A1).zone()).isEqualTo("west-2");
    }

    @Test
    void podThatIsRecreatedElsewhere_hasMoved() {
        put(node("n1", "", "west-1"), node("n2", "", "west-2"), podOn("n1", "a1"));
        remove(ObjectId.pod("shop", "a1"));
        put(podOn("n2", "a1"));

        assertThat(place(A1).zone()).isEqualTo("west-2");
        assertThat(put(node("n1", "", "west-3")).pods()).as("it has left").isEmpty();
    }

    @Test
    void nodeWithoutAZone_leavesItToThePodsOwnLabels() {
        put(
                node("n1", "", ""),
                located("a1", new PodObject.Location("n1", "west", "west-1", List.of(), false)),
                located("a2", new PodObject.Location("", "west", "west-2", List.of(), false)));

        assertThat(place(A1).zone()).isEqualTo("west-1");
        assertThat(place(A2).zone()).isEqualTo("west-2");
    }

    @Test
    void podThatIsDeleted_hasNoPlace() {
        put(podOn("n1", "a1"));

        assertThat(remove(ObjectId.pod("shop", "a1")).pods()).containsExactly(A1);
        assertThat(place(A1)).isNull();
    }

    @Test
    void services_areThoseWithAnEndpointOfThePod_readyOrNot_sorted() {
        put(
                podOn("n1", "a1"),
                service("orders", port("http", 80), port("grpc", 90)),
                service("all", port("admin", 7070)),
                service("carts", port("http", 80)),
                slice("o1", "orders").of(at("10.0.0.1").pod("a1", "uid-a1").notReady()),
                slice("x1", "all")
                        .of(at("10.0.0.1").pod("a1", "uid-a1"), at("10.0.0.2").pod("a2", "uid-a2")),
                slice("c1", "carts").of(at("10.0.0.2").pod("a2", "uid-a2")));

        assertThat(place(A1).services())
                .containsExactly(new Membership(new ServiceKey("shop", "all"), 7070), new Membership(ORDERS, 80));
    }

    @Test
    void serviceThatCannotBeAskedFor_isLeftOut() {
        put(
                podOn("n1", "a1"),
                service("dns-only"),
                slice("d1", "dns-only").of(at("10.0.0.1").pod("a1", "")),
                slice("g1", "gone").of(at("10.0.0.1").pod("a1", "")));

        assertThat(place(A1).services()).isEmpty();
        assertThat(put(service("gone", port("http", 80))).pods()).containsExactly(A1);
        assertThat(place(A1).services()).containsExactly(new Membership(new ServiceKey("shop", "gone"), 80));
        assertThat(remove(ObjectId.service("shop", "gone")).pods()).containsExactly(A1);
        assertThat(place(A1).services()).isEmpty();
    }

    @Test
    void podThatLeavesASlice_isTouched() {
        put(
                podOn("n1", "a1"),
                service("orders", port("http", 80)),
                slice("o1", "orders").of(at("10.0.0.1").pod("a1", "")));

        assertThat(put(slice("o1", "orders").of()).pods()).containsExactly(A1);
        assertThat(place(A1).services()).isEmpty();
    }

    @Test
    void podOfThatNameInTwoClusters_hasNoPlace() {
        put(podOn("n1", "a1"));
        putIn(new KubernetesClusterName("other"), podOn("n1", "a1"));

        assertThat(place(A1)).isNull();
    }

    private static NodeObject node(String name, String region, String zone) {
        return new NodeObject(name, region, zone);
    }

    private PodPlace place(PodKey key) {
        return PodPlaceProjection.project(key, clusters);
    }

    private Touched put(TopologyObject... objects) {
        return putIn(CLUSTER, objects);
    }

    private Touched putIn(KubernetesClusterName cluster, TopologyObject... objects) {
        Touched touched = new Touched();
        for (TopologyObject object : objects) {
            clusters.computeIfAbsent(cluster, name -> new ClusterObjects())
                    .apply(new TopologyChange.Upsert(object), touched);
        }
        return touched;
    }

    private Touched remove(ObjectId id) {
        Touched touched = new Touched();
        clusters.get(CLUSTER).apply(new TopologyChange.Remove(id), touched);
        return touched;
    }
}
