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
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.Objects.EndpointBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * A Kubernetes cluster that hears nothing of many Nodes takes all of their pods for not ready. Ten pods of a service, two on
 * each of five nodes, unless said otherwise.
 */
class MassNotReadyTest {
    private static final Instant START = Instant.parse("2026-05-01T10:00:00Z");
    private static final int PODS = 10;

    private final ClusterObjects objects = new ClusterObjects();
    private final SortedMap<KubernetesClusterName, ClusterObjects> clusters = new TreeMap<>();
    private final @Nullable Instant[] lostAt = new Instant[PODS]; // null while it is ready
    private final String[] uids = new String[PODS];
    private final String[] nodes = new String[PODS];
    private Instant now = START;
    private ServiceProjection.Result result;

    MassNotReadyTest() {
        clusters.put(CLUSTER, objects);
        put(service("orders", port("http", 80)));
        for (int i = 0; i < PODS; i++) {
            uids[i] = "u" + i;
            nodes[i] = "n" + i / 2;
        }
        look();
    }

    @Test
    void allPodsMarkedAtOnce_areServedAsTheyWere_andThatIsSaid() {
        List<EndpointView> before = endpoints();

        lose(0, PODS);

        assertThat(endpoints()).isEqualTo(before).allMatch(endpoint -> endpoint.health() == Health.READY);
        assertThat(result.held()).containsExactly(Map.entry(CLUSTER, PODS));
        assertThat(result.skipped()).singleElement().asString().contains("served as ready: too many");
    }

    @Test
    void halfOfThePods_isTheTruthAtOnce_andOneMoreIsNot() {
        lose(0, 5);
        assertThat(ready()).isEqualTo(5);
        assertThat(result.held()).isEmpty();

        lose(5, 6);
        assertThat(ready()).isEqualTo(PODS);
    }

    /** Without its kubelet's last word it is not ready by that. */
    @Test
    void podsThatTheirKubeletsFindNotReady_areNotReadyAtOnce_howeverManyTheyAre() {
        EndpointBuilder[] endpoints = new EndpointBuilder[PODS];
        for (int i = 0; i < PODS; i++) {
            put(pod(i, null, null));
            endpoints[i] =
                    at("10.0.0." + i).pod("orders-" + i, "u" + i).node(nodes[i]).notReady();
        }
        put(slice("a", "orders").of(endpoints));
        project();

        assertThat(ready()).isZero();
    }

    @Test
    void oneNodeThatHasMostPodsOfAService_isTakenForDead_amongOthersThatAreWell() {
        for (int i = 0; i < PODS; i++) {
            nodes[i] = i < 8 ? "n0" : "n1";
        }
        for (int i = 0; i < 30; i++) {
            put(otherPod(i));
        }
        look();

        lose(0, 8);

        assertThat(ready()).isEqualTo(2);
    }

    @Test
    void mostPodsOfAServiceOnTwoNodes_areHeld_thoughTheClusterIsWell() {
        for (int i = 0; i < 30; i++) {
            put(otherPod(i));
        }
        lose(0, 8);

        assertThat(ready()).isEqualTo(PODS);
    }

    @Test
    void onlyNodeOfACluster_isTheWholeCluster() {
        Arrays.fill(nodes, "n0");
        look();

        lose(0, PODS);

        assertThat(ready()).isEqualTo(PODS);
    }

    @Test
    void oneNodeOfTwoOrThree_isTakenForDead_thoughItHasMostPodsOfTheCluster() {
        for (int i = 0; i < PODS; i++) {
            nodes[i] = i < 7 ? "n0" : i < 9 ? "n1" : "n2";
        }
        look();

        lose(0, 7);

        assertThat(ready()).isEqualTo(3);
        assertThat(result.held()).isEmpty();
    }

    /** Those that are missed still are a half by then, and less of a mass with each. */
    @Test
    void podsThatAreMissedStill_areHeldOn_whileTheOthersComeBack() {
        lose(0, PODS);
        for (int back = 0; back < PODS; back++) {
            pass(Duration.ofSeconds(1));
            lostAt[back] = null;
            look();

            assertThat(ready()).isEqualTo(PODS);
            assertThat(result.held().getOrDefault(CLUSTER, 0)).isEqualTo(PODS - 1 - back);
        }
    }

    @Test
    void podsOfAServiceThatAreMissedStill_areHeldOn_whileTheOthersComeBack() {
        for (int i = 0; i < 30; i++) {
            put(otherPod(i));
        }
        lose(0, 8);
        Arrays.fill(lostAt, 0, 5, null);
        pass(Duration.ofSeconds(1));

        assertThat(ready()).isEqualTo(PODS);
        assertThat(result.held()).containsExactly(Map.entry(CLUSTER, 3));
    }

    @Test
    void podThatWasHeldAndHeard_isNotHeldWhenItIsLostAgainByItself() {
        lose(0, PODS);
        Arrays.fill(lostAt, null);
        pass(Duration.ofMinutes(2));

        lose(0, 1);

        assertThat(ready()).isEqualTo(PODS - 1);
    }

    @Test
    void podsLostOneByOne_areNoMass() {
        for (int i = 0; i < PODS - 1; i++) {
            lose(i, i + 1);
            pass(Duration.ofSeconds(61));
        }
        assertThat(ready()).isEqualTo(1);
        assertThat(result.held()).isEmpty();
    }

    @Test
    void thoseLostEarlierByThemselves_areNotHeldWithTheOthers() {
        lose(0, 2);
        pass(Duration.ofMinutes(5));

        lose(2, PODS);

        assertThat(ready()).isEqualTo(8);
        assertThat(endpoints().get(0).health()).isEqualTo(Health.NOT_READY);
    }

    @Test
    void podThatFollowsWithinTheWindow_joinsThem() {
        lose(0, 8);
        pass(Duration.ofSeconds(59));
        lose(8, 9);

        assertThat(ready()).isEqualTo(PODS);
    }

    @Test
    void podsThatAreDeleted_leave_orMadeAgain_areNeverHeld() {
        lose(0, PODS);
        uids[0] = "made again";
        put(pod(0, null, null));
        EndpointBuilder[] endpoints = new EndpointBuilder[PODS - 1];
        for (int i = 0; i < PODS - 1; i++) {
            endpoints[i] = at("10.0.0." + i).pod("orders-" + i, uids[i]).node(nodes[i]);
            endpoints[i] = i == 1 ? endpoints[i].conditions(false, false, true) : endpoints[i].notReady();
        }
        put(slice("a", "orders").of(endpoints));
        project();

        assertThat(endpoints()).hasSize(PODS - 1);
        assertThat(endpoints().get(0).health()).isEqualTo(Health.NOT_READY);
        assertThat(endpoints().get(1).health()).isEqualTo(Health.STOPPING);
        assertThat(ready()).isEqualTo(PODS - 3);
    }

    @Test
    void theyAreHeldForAnHour_andThenLookedAtAgain() {
        lose(0, PODS);
        now = now.plus(Duration.ofMinutes(59));
        Touched touched = new Touched();
        objects.lookAtUnheard(now, touched);
        assertThat(touched.services()).isEmpty();

        now = now.plus(Duration.ofMinutes(1));
        objects.lookAtUnheard(now, touched);
        assertThat(touched.services()).containsExactly(ORDERS);
        project();
        assertThat(ready()).isZero();
        assertThat(result.held()).isEmpty();
        touched.clear();
        objects.lookAtUnheard(now, touched);
        assertThat(touched.services()).isEmpty();
    }

    /** As they do when the Nodes are back: each kubelet says for each pod how it is. */
    @Test
    void heldPods_areServedByTheirKubeletsWord_asSoonAsThereIsOne() {
        lose(0, PODS);
        lostAt[0] = null;
        look();
        assertThat(ready()).isEqualTo(PODS);
        assertThat(result.held()).containsExactly(Map.entry(CLUSTER, PODS - 1));

        put(pod(1, null, null));
        project();
        assertThat(ready()).isEqualTo(PODS - 1);
    }

    /** Its services were announced as not ready before the cluster's share was reached. */
    @Test
    void podsOfAnotherService_touchThis_whenTheyMakeItAMass() {
        for (int i = 0; i < 30; i++) {
            put(otherPod(i));
        }
        for (int i = 0; i < PODS; i++) {
            nodes[i] = "n0";
        }
        look();
        lose(0, PODS);
        assertThat(ready()).isZero();

        for (int i = 0; i < 30; i++) {
            PodObject other = otherPod(i);
            put(new PodObject(
                    other.namespace(),
                    other.name(),
                    other.uid(),
                    1,
                    "",
                    START,
                    now,
                    Map.of(),
                    other.location(),
                    "",
                    ""));
        }
        Touched touched = new Touched();
        objects.lookAtUnheard(now, touched);

        assertThat(touched.services()).contains(ORDERS);
        project();
        assertThat(ready()).isEqualTo(PODS);
    }

    @Test
    void replicaThatStartsInTheMiddleOfIt_holdsTheSame() {
        lose(0, PODS);
        List<EndpointView> first = endpoints();
        ClusterObjects late = new ClusterObjects();
        List<TopologyObject> all = new ArrayList<>(List.of(service("orders", port("http", 80)), slices()));
        IntStream.range(0, PODS).forEach(i -> all.add(pod(i, START, lostAt[i])));
        all.forEach(object -> late.apply(new TopologyChange.Upsert(object), new Touched()));
        late.lookAtUnheard(now, new Touched());
        clusters.put(CLUSTER, late);
        project();

        assertThat(endpoints()).isEqualTo(first);
        assertThat(ready()).isEqualTo(PODS);
    }

    @Test
    void settingsOutOfRange_areRefused() {
        assertThatThrownBy(() -> new MassNotReady(0, Duration.ZERO, Duration.ZERO))
                .hasMessage("share: 0.0 (expected: above 0, and at most 1 for never)");
        assertThatThrownBy(() -> new MassNotReady(1, Duration.ofSeconds(-1), Duration.ZERO))
                .hasMessage("window: PT-1S (expected: 0 or more)");
        assertThatThrownBy(() -> new MassNotReady(1, Duration.ZERO, Duration.ofSeconds(-1)))
                .hasMessage("hold: PT-1S (expected: 0 or more)");
    }

    /** Marks pods now. */
    private void lose(int from, int to) {
        for (int i = from; i < to; i++) {
            lostAt[i] = now;
        }
        look();
    }

    private void pass(Duration time) {
        now = now.plus(time);
        look();
    }

    /** Says everything as it is, and computes the service. */
    private void look() {
        for (int i = 0; i < PODS; i++) {
            put(pod(i, START, lostAt[i]));
        }
        put(slices());
        project();
    }

    private void project() {
        objects.lookAtUnheard(now, new Touched());
        result = ServiceProjection.project(ORDERS, clusters);
    }

    private SliceObject slices() {
        EndpointBuilder[] endpoints = new EndpointBuilder[PODS];
        for (int i = 0; i < PODS; i++) {
            endpoints[i] = at("10.0.0." + i).pod("orders-" + i, uids[i]).node(nodes[i]);
            if (lostAt[i] != null) {
                endpoints[i].notReady();
            }
        }
        return slice("a", "orders").of(endpoints);
    }

    private PodObject pod(int i, @Nullable Instant readySince, @Nullable Instant unheardSince) {
        return new PodObject(
                "shop",
                "orders-" + i,
                uids[i],
                1,
                "",
                readySince,
                unheardSince,
                Map.of(),
                new PodObject.Location(nodes[i], "", "", List.of("10.0.0." + i), false),
                "",
                "");
    }

    private static PodObject otherPod(int i) {
        PodObject.Location location = new PodObject.Location("m" + i, "", "", List.of("10.0.1." + i), false);
        return new PodObject("shop", "carts-" + i, "c" + i, 1, "", START, Map.of(), location, "", "");
    }

    private void put(TopologyObject object) {
        objects.apply(new TopologyChange.Upsert(object), new Touched());
    }

    private List<EndpointView> endpoints() {
        return result.view().ports().get(0).endpoints();
    }

    private long ready() {
        return endpoints().stream()
                .filter(endpoint -> endpoint.health() == Health.READY)
                .count();
    }
}
