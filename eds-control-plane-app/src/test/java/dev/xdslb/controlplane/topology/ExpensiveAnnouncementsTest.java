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
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A service whose every change is much to send. The clock stands still unless a test moves it. */
class ExpensiveAnnouncementsTest {
    private static final ServiceKey CARTS = new ServiceKey("shop", "carts");

    private final AtomicLong clock = new AtomicLong();
    private final Topology topology = new Topology(
            List.of(CLUSTER),
            new Faults(),
            TopologySettings.DEFAULT,
            clock::get,
            new Coalescing(Duration.ZERO, Duration.ZERO));
    private final List<ServiceKey> announced = new CopyOnWriteArrayList<>();

    @BeforeEach
    void start() {
        topology.addListener(new TopologyListener() {
            @Override
            public void changed(List<ServiceChange> changes) {
                changes.forEach(change -> announced.add(change.key()));
            }

            @Override
            public AnnouncementCost cost(ServiceKey service) {
                return service.equals(ORDERS) ? new AnnouncementCost(10 << 20, 5_000) : AnnouncementCost.NONE;
            }
        });
        topology.start();
        put(service("orders", port("http", 80)), slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2")));
        put(service("carts", port("http", 80)));
        topology.submit(CLUSTER, new TopologyChange.Synced());
        await().until(topology::isSynced);
        announced.clear();
    }

    @AfterEach
    void stop() {
        topology.close();
    }

    @Test
    void newEndpoint_waitsForThePause_andDelaysNoOtherService() {
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3")));
        put(slice("c", "carts").of(at("10.0.1.1")));
        await().until(() -> announced.contains(CARTS));
        assertThat(announced).containsExactly(CARTS);

        pass(AnnouncementCost.LONGEST_PAUSE.minusMillis(1));
        put(slice("c", "carts").of(at("10.0.1.1"), at("10.0.1.2")));
        await().until(() -> announced.size() == 2);
        assertThat(announced).containsExactly(CARTS, CARTS);

        pass(Duration.ofMillis(1));
        await().until(() -> announced.contains(ORDERS));
    }

    @Test
    void lostEndpoint_waitsForHalfOfThePause() {
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.2"), at("10.0.0.3")));
        put(slice("a", "orders").of(at("10.0.0.1"), at("10.0.0.3")));

        pass(AnnouncementCost.LONGEST_PAUSE.dividedBy(2));

        await().until(() -> announced.contains(ORDERS));
        assertThat(topology.service(ORDERS).ports().get(0).endpoints())
                .extracting(EndpointView::address)
                .containsExactly("10.0.0.1", "10.0.0.3");
    }

    @Test
    void changeAfterALongPause_isAnnouncedAtOnce() {
        pass(AnnouncementCost.LONGEST_PAUSE);

        put(slice("a", "orders").of(at("10.0.0.1")));

        await().until(() -> announced.contains(ORDERS));
    }

    private void pass(Duration time) {
        clock.addAndGet(time.toNanos());
    }

    private void put(TopologyObject... objects) {
        for (TopologyObject object : objects) {
            topology.submit(CLUSTER, new TopologyChange.Upsert(object));
        }
    }
}
