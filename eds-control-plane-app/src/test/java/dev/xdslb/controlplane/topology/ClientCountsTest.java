/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.CLUSTER;
import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.controlplane.topology.EndpointView.Health;
import dev.xdslb.controlplane.topology.PodPlace.Membership;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class ClientCountsTest {

    private static final int PODS = 200;

    private static final ServiceKey ANOTHER = new ServiceKey("shop", "another");

    private final ClientCounts counts = new ClientCounts();
    private final PodPlaces places = new PodPlaces();
    private final Map<ServiceKey, ServiceView> views = new HashMap<>();
    private long now;

    /** A pod a tenth of a second becomes ready: without the pauses, that were 200 x 200 messages. */
    @Test
    void rollOut_isToldEveryFewSeconds() {
        view(0);
        int told = 0;
        for (int ready = 1; ready <= PODS; ready++) {
            now += TimeUnit.MILLISECONDS.toNanos(100);
            view(ready);
            told += counts.due(now, views, places).size();
        }
        now += TimeUnit.SECONDS.toNanos(1);
        told += counts.due(now, views, places).size();

        assertThat(told).as("4 times within 20 s, to each of %d pods", PODS).isBetween(PODS, 5 * PODS);
        assertThat(counts.nanosUntilDue(now)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void singleChange_isToldAfterAQuietSecond() {
        view(1);
        view(2);

        assertThat(counts.due(now, views, places)).isEmpty();
        assertThat(counts.nanosUntilDue(now)).isEqualTo(TimeUnit.SECONDS.toNanos(1));
        now += TimeUnit.SECONDS.toNanos(1);
        assertThat(counts.due(now, views, places)).hasSize(PODS);
        assertThat(counts.due(now, views, places)).isEmpty();
    }

    @Test
    void changeThatLeavesTheNumbersAsTheyAre_isNotTold() {
        view(1);
        view(1);

        assertThat(counts.nanosUntilDue(now)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void podThatBelongsToANarrowerService_isNotTold() {
        view(1);
        views.put(ANOTHER, of(ANOTHER, PODS / 2));
        for (int i = 0; i < PODS; i++) {
            places.replace(pod(i), place(i, ANOTHER, ORDERS));
        }
        view(2);
        now += TimeUnit.SECONDS.toNanos(1);

        assertThat(counts.due(now, views, places)).isEmpty();
    }

    @Test
    void podOfWhichAnotherServiceIsTheNarrowestNow_isTold() {
        view(1);
        views.put(ANOTHER, of(ANOTHER, PODS + 1));
        for (int i = 0; i < PODS; i++) {
            places.replace(pod(i), place(i, ANOTHER, ORDERS));
        }
        ServiceView wide = of(ORDERS, PODS + 2);
        counts.changed(List.of(new ServiceChange(ORDERS, views.put(ORDERS, wide), wide)), now);
        now += TimeUnit.SECONDS.toNanos(1);

        assertThat(counts.due(now, views, places)).hasSize(PODS);
    }

    private static ServiceView of(ServiceKey key, int pods) {
        List<EndpointView> endpoints = new ArrayList<>();
        for (int i = 0; i < pods; i++) {
            endpoints.add(new EndpointView(
                    CLUSTER,
                    "10.0.0." + i,
                    80,
                    Health.NOT_READY,
                    "",
                    "z1",
                    pod(i).name(),
                    "u" + i,
                    1,
                    "",
                    null,
                    Map.of()));
        }
        return new ServiceView(key, "", List.of(new PortView(new ServicePort("http", 80, false), endpoints)));
    }

    /** The service's pods, of which so many are ready. */
    private void view(int ready) {
        List<EndpointView> endpoints = new ArrayList<>();
        for (int i = 0; i < PODS; i++) {
            Health health = i < ready ? Health.READY : Health.NOT_READY;
            endpoints.add(new EndpointView(
                    CLUSTER, "10.0.0." + i, 80, health, "", "z1", pod(i).name(), "u" + i, 1, "", null, Map.of()));
            if (places.get(pod(i)) == null) {
                places.replace(pod(i), place(i, ORDERS));
            }
        }
        ServiceView after =
                new ServiceView(ORDERS, "", List.of(new PortView(new ServicePort("http", 80, false), endpoints)));
        ServiceView before = views.put(ORDERS, after);
        counts.changed(List.of(new ServiceChange(ORDERS, before, after)), now);
    }

    private static PodKey pod(int i) {
        return new PodKey("shop", "orders-" + i);
    }

    private static PodPlace place(int i, ServiceKey... services) {
        List<Membership> memberships = new ArrayList<>();
        for (ServiceKey service : services) {
            memberships.add(new Membership(service, 80));
        }
        return new PodPlace(pod(i), Objects.CLUSTER, "", "", "z1", List.of("10.0.0." + i), false, memberships);
    }
}
