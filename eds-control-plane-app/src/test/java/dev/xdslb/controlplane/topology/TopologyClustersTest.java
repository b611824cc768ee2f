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

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.ClusterView.State;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Several Kubernetes clusters that come, go and fall silent. */
class TopologyClustersTest {

    private static final KubernetesClusterName EAST = new KubernetesClusterName("east");
    private static final TopologySettings SETTINGS = new TopologySettings(
            Duration.ofSeconds(30), Duration.ofHours(1), Duration.ofSeconds(20), MassNotReady.DEFAULT);

    /** Runs with real time, so that the writer's waits end, and jumps when a test says so. */
    private final AtomicLong jumped = new AtomicLong();

    private final Topology topology = new Topology(
            List.of(CLUSTER),
            new Faults(),
            SETTINGS,
            () -> System.nanoTime() + jumped.get(),
            InstantSource.system(),
            new Coalescing(Duration.ofMillis(1), Duration.ofMillis(10)));
    private final List<List<String>> seen = new CopyOnWriteArrayList<>();

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void optionalClusterThatIsNotReached_isWaitedForUntilTheTimeoutOnly_andServedWhenItComes() {
        ClusterFeed east = topology.open(EAST, false);
        topology.start();
        say(topology.feed(CLUSTER), "10.1.0.1");
        synced(topology.feed(CLUSTER));
        east.lost("connection refused");
        await().until(() -> state(CLUSTER) == State.SYNCED);
        assertThat(topology.isSynced()).isFalse();
        assertThat(topology.services()).isEmpty();

        pass(Duration.ofSeconds(31));

        await().until(topology::isSynced);
        assertThat(addresses()).containsExactly("10.1.0.1");
        assertThat(view(EAST)).satisfies(view -> {
            assertThat(view.state()).isEqualTo(State.TIMED_OUT);
            assertThat(view.served()).isFalse();
            assertThat(view.problem()).isEqualTo("connection refused");
            assertThat(view.age()).isGreaterThan(Duration.ofSeconds(30));
        });

        say(east, "10.2.0.1");
        await().until(() -> view(EAST).objects() == 2);
        assertThat(addresses()).as("what was not said completely is not served").containsExactly("10.1.0.1");
        synced(east);
        awaitAddresses("10.1.0.1", "10.2.0.1");
    }

    @Test
    void optionalClusterThatIsSyncedInTime_isThereFromTheBeginning() {
        ClusterFeed east = topology.open(EAST, false);
        topology.addListener(changes -> seen.add(addresses()));
        topology.start();
        say(topology.feed(CLUSTER), "10.1.0.1");
        synced(topology.feed(CLUSTER));
        say(east, "10.2.0.1");
        synced(east);

        await().until(topology::isSynced);
        assertThat(addresses()).containsExactly("10.1.0.1", "10.2.0.1");
        assertThat(seen).hasSize(1);
    }

    @Test
    void requiredClusterThatIsNotReached_isWaitedForForEver() {
        topology.open(EAST, true);
        topology.start();
        synced(topology.feed(CLUSTER));
        await().until(() -> state(CLUSTER) == State.SYNCED);

        pass(Duration.ofDays(1));

        await().until(() -> view(CLUSTER).age().toHours() >= 24);
        assertThat(topology.isSynced()).isFalse();
    }

    @Test
    void whereNoClusterIsSynced_nothingIsKnown() {
        try (Topology other = new Topology(List.of())) {
            other.open(EAST, false);
            other.start();
            assertThat(other.isSynced()).isFalse();
        }
    }

    @Test
    void clusterAddedAtRunTime_holdsNobodyUp_andClusterThatIsRemovedGoesAfterAWhile() {
        startWith("10.1.0.1");
        ClusterFeed east = topology.open(EAST, true);
        say(east, "10.2.0.1");
        assertThat(topology.isSynced()).isTrue();
        synced(east);
        awaitAddresses("10.1.0.1", "10.2.0.1");

        topology.remove(EAST);
        await().until(() -> state(EAST) == State.REMOVED);
        east.submit(new TopologyChange.Remove(ObjectId.slice("shop", "a"))); // too late
        assertThat(addresses()).containsExactly("10.1.0.1", "10.2.0.1");

        pass(Duration.ofSeconds(21));
        awaitAddresses("10.1.0.1");
        await().until(() -> topology.clusters().size() == 1);
    }

    @Test
    void clusterThatIsOpenedAnew_isServedAsItWasUntilTheNewSourceIsComplete_thenWithoutWhatIsGone() {
        startWith("10.1.0.1");
        ClusterFeed first = topology.open(EAST, false);
        say(first, "10.2.0.1");
        first.submit(new TopologyChange.Upsert(slice("b", "orders").of(at("10.2.0.9"))));
        synced(first);
        awaitAddresses("10.1.0.1", "10.2.0.1", "10.2.0.9");

        topology.remove(EAST);
        ClusterFeed second = topology.open(EAST, false);
        first.submit(new TopologyChange.Remove(ObjectId.service("shop", "orders"))); // of the one before
        say(second, "10.2.0.2");
        await().until(() -> view(EAST).objects() == 2);
        assertThat(addresses()).containsExactly("10.1.0.1", "10.2.0.1", "10.2.0.9");
        synced(second);

        awaitAddresses("10.1.0.1", "10.2.0.2");
    }

    @Test
    void silentCluster_keepsItsEndpointsForABoundedTime_andIsServedAgainWhenItIsHeard() {
        startWith("10.1.0.1");
        ClusterFeed east = topology.open(EAST, false);
        say(east, "10.2.0.1");
        synced(east);
        awaitAddresses("10.1.0.1", "10.2.0.1");
        topology.feed(CLUSTER).lost("not watched");
        east.lost("not watched");
        await().until(() -> state(EAST) == State.STALE && state(CLUSTER) == State.STALE);
        assertThat(addresses()).containsExactly("10.1.0.1", "10.2.0.1");

        pass(Duration.ofMinutes(61));

        awaitAddresses("10.1.0.1"); // the required one is served for ever: nobody knows better
        assertThat(view(EAST).state()).isEqualTo(State.DROPPED);
        assertThat(view(EAST).served()).isFalse();
        east.heard();
        awaitAddresses("10.1.0.1", "10.2.0.1");
        assertThat(state(EAST)).isEqualTo(State.SYNCED);
    }

    /** As where the watch of EndpointSlices is dead and that of Pods is not. */
    @Test
    void changesOfAClusterOfWhichAPartIsLost_areServed_andHideNothing() {
        startWith("10.1.0.1");
        ClusterFeed east = topology.open(EAST, false);
        say(east, "10.2.0.1");
        synced(east);
        awaitAddresses("10.1.0.1", "10.2.0.1");
        east.lost("not watched: pods");
        await().until(() -> state(EAST) == State.STALE);

        pass(Duration.ofMinutes(59));
        say(east, "10.2.0.2");
        awaitAddresses("10.1.0.1", "10.2.0.2");
        assertThat(view(EAST)).satisfies(view -> {
            assertThat(view.state()).isEqualTo(State.STALE);
            assertThat(view.problem()).isEqualTo("not watched: pods");
            assertThat(view.age()).isGreaterThanOrEqualTo(Duration.ofMinutes(59));
        });

        pass(Duration.ofMinutes(2));
        awaitAddresses("10.1.0.1");

        east.heard();
        awaitAddresses("10.1.0.1", "10.2.0.2");
        assertThat(view(EAST)).satisfies(view -> {
            assertThat(view.problem()).isEmpty();
            assertThat(view.age()).isLessThan(Duration.ofMinutes(1));
        });
    }

    @Test
    void portsAreTheUnionByName_andEachClustersOwnNameFindsItsEndpoints() {
        startWith("10.1.0.1"); // http 80
        ClusterFeed east = topology.open(EAST, false);
        east.submit(
                new TopologyChange.Upsert(service("orders", port("web", 80), port("admin", 7070), port("http", 8080))));
        east.submit(new TopologyChange.Upsert(slice("a", "orders")
                .ports(
                        new SliceObject.Port("web", 1),
                        new SliceObject.Port("admin", 2),
                        new SliceObject.Port("http", 3))
                .of(at("10.2.0.1"))));
        synced(east);

        await().until(() -> topology.service(ORDERS).ports().size() == 2);
        List<ServiceView.PortView> ports = topology.service(ORDERS).ports();
        assertThat(ports.get(0).port()).isEqualTo(port("http", 80));
        assertThat(ports.get(0).endpoints())
                .extracting(endpoint -> endpoint.address() + ":" + endpoint.port())
                .as("80 is the first cluster's http; the other one's http is that, too")
                .contains("10.1.0.1:8080");
        assertThat(ports.get(1).port()).isEqualTo(port("admin", 7070));
        assertThat(ports.get(1).endpoints()).extracting(EndpointView::address).containsExactly("10.2.0.1");
    }

    private void startWith(String address) {
        topology.start();
        say(topology.feed(CLUSTER), address);
        synced(topology.feed(CLUSTER));
        await().until(topology::isSynced);
    }

    private static void say(ClusterFeed feed, String address) {
        feed.submit(new TopologyChange.Upsert(service("orders", port("http", 80))));
        feed.submit(new TopologyChange.Upsert(slice("a", "orders").of(at(address))));
    }

    private static void synced(ClusterFeed feed) {
        feed.submit(new TopologyChange.Synced());
    }

    private void pass(Duration time) {
        jumped.addAndGet(time.toNanos());
    }

    private State state(KubernetesClusterName name) {
        return view(name).state();
    }

    private ClusterView view(KubernetesClusterName name) {
        return topology.clusters().stream()
                .filter(view -> view.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void awaitAddresses(String... expected) {
        await().untilAsserted(() -> assertThat(addresses()).containsExactly(expected));
    }

    private List<String> addresses() {
        ServiceView view = topology.service(ORDERS);
        return view == null
                ? List.of()
                : view.ports().get(0).endpoints().stream()
                        .map(EndpointView::address)
                        .toList();
    }
}
