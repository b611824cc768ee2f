/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.gateway.NamespaceObject;
import dev.xdslb.controlplane.topology.TopologyListener.RoutingChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Objects that say how requests come in go through the topology as they are. */
class RoutingObjectsTest {
    private static final KubernetesClusterName A = new KubernetesClusterName("a");
    private static final KubernetesClusterName B = new KubernetesClusterName("b");

    private final BlockingQueue<RoutingChange> told = new LinkedBlockingQueue<>();
    private final AtomicInteger failures = new AtomicInteger();
    private final Topology topology = new Topology(List.of(A, B));

    @AfterEach
    void close() {
        topology.close();
    }

    @Test
    void everythingThatExists_isToldOnceItIsSynced_andThenWhatChanges() throws Exception {
        start();
        put(A, namespace("x", "1"));
        topology.submit(A, new TopologyChange.Synced());
        assertThat(told).isEmpty();
        topology.submit(B, new TopologyChange.Synced());

        assertThat(next()).isEqualTo(change(namespace("x", "1")));
        assertThat(topology.routing()).containsExactly(namespace("x", "1"));

        put(A, namespace("x", "1")); // the same
        put(A, namespace("x", "2"));
        assertThat(next()).isEqualTo(change(namespace("x", "2")));

        topology.submit(A, new TopologyChange.Remove(namespace("x", "2").id()));
        assertThat(next()).isEqualTo(new RoutingChange(namespace("x", "2").id(), null));
        assertThat(topology.routing()).isEmpty();
    }

    @Test
    void objectOfTwoKubernetesClusters_isThatOfTheFirstByName() throws Exception {
        start();
        put(A, namespace("x", "a"));
        put(B, namespace("x", "b"));
        topology.submit(A, new TopologyChange.Synced());
        topology.submit(B, new TopologyChange.Synced());
        assertThat(next()).isEqualTo(change(namespace("x", "a")));

        topology.submit(A, new TopologyChange.Remove(namespace("x", "a").id()));
        assertThat(next()).isEqualTo(change(namespace("x", "b")));
    }

    @Test
    void listenerThatFails_isToldAgain() throws Exception {
        failures.set(1);
        start();
        put(A, namespace("x", "1"));
        topology.submit(A, new TopologyChange.Synced());
        topology.submit(B, new TopologyChange.Synced());

        assertThat(next()).isEqualTo(change(namespace("x", "1")));
    }

    @Test
    void objectThatIsNotInTheNextListOfAll_isGone() throws Exception {
        start();
        topology.submit(A, new TopologyChange.Replace(List.of(namespace("x", "1"), namespace("y", "1")), List.of()));
        topology.submit(A, new TopologyChange.Synced());
        topology.submit(B, new TopologyChange.Synced());
        next();
        next();

        topology.submit(A, new TopologyChange.Replace(List.of(namespace("y", "1")), List.of()));
        assertThat(next().id().name()).isEqualTo("x");
        assertThat(topology.routing()).containsExactly(namespace("y", "1"));
    }

    @Test
    void whatIsNotListed_isSaidBeforeTheObjects_andThatItIsKnownAfterThem() throws Exception {
        ObjectScope routes = new ObjectScope(ObjectId.Kind.HTTP_ROUTE, "", "");
        List<String> order = new CopyOnWriteArrayList<>();
        topology.addListener(new TopologyListener() {
            @Override
            public void changed(List<ServiceChange> changes) {}

            @Override
            public void routingChanged(List<RoutingChange> changes) {
                changes.forEach(change -> order.add(change.id().name()));
            }

            @Override
            public void listingChanged(SortedMap<ObjectScope, String> unlisted) {
                order.add(unlisted.keySet().toString());
            }
        });
        start();
        put(A, namespace("x", "1"));
        topology.submit(A, new TopologyChange.Unlisted(routes, "503"));
        topology.submit(A, new TopologyChange.Synced());
        topology.submit(B, new TopologyChange.Synced());
        next();
        await().until(() -> topology.clusters().get(0).unlisted().equals(List.of("all HTTPRoutes: 503")));
        assertThat(topology.skipped()).extracting(SkippedObject::object).containsExactly("all HTTPRoutes");

        put(A, namespace("y", "1"));
        topology.submit(A, new TopologyChange.Listed(routes));
        put(A, namespace("z", "1"));
        next();
        next();

        await().untilAsserted(() -> assertThat(order).containsExactly("[all HTTPRoutes]", "x", "y", "z", "[]"));
        assertThat(topology.skipped()).isEmpty();
    }

    @Test
    void listenerThatFailed_isToldAgainWhatIsNotListed() {
        ObjectScope routes = new ObjectScope(ObjectId.Kind.HTTP_ROUTE, "", "");
        List<String> order = new CopyOnWriteArrayList<>();
        AtomicInteger failing = new AtomicInteger(1);
        topology.addListener(new TopologyListener() {
            @Override
            public void changed(List<ServiceChange> changes) {}

            @Override
            public void listingChanged(SortedMap<ObjectScope, String> unlisted) {
                if (failing.getAndDecrement() > 0) {
                    throw new IllegalStateException("a listener that fails, for the test");
                }
                order.add(unlisted.keySet().toString());
            }
        });
        topology.start();
        topology.submit(A, new TopologyChange.Unlisted(routes, "503"));
        topology.submit(A, new TopologyChange.Synced());
        topology.submit(B, new TopologyChange.Synced());

        await().untilAsserted(() -> assertThat(order).containsExactly("[all HTTPRoutes]"));
    }

    private void start() {
        topology.addListener(new TopologyListener() {
            @Override
            public void changed(List<ServiceChange> changes) {}

            @Override
            public void routingChanged(List<RoutingChange> changes) {
                if (failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                    throw new IllegalStateException("a listener that fails, for the test");
                }
                told.addAll(changes);
            }
        });
        topology.start();
    }

    private void put(KubernetesClusterName cluster, TopologyObject object) {
        topology.submit(cluster, new TopologyChange.Upsert(object));
    }

    private RoutingChange next() throws InterruptedException {
        RoutingChange change = told.poll(10, TimeUnit.SECONDS);
        assertThat(change).as("a change within 10 s").isNotNull();
        return change;
    }

    private static RoutingChange change(NamespaceObject object) {
        return new RoutingChange(object.id(), object);
    }

    private static NamespaceObject namespace(String name, String label) {
        return new NamespaceObject(name, Map.of("label", label), "");
    }
}
