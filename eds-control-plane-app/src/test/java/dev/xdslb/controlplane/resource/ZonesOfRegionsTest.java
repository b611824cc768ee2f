/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.PolicyKnob;
import dev.xdslb.controlplane.topology.ServicePort;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** How gRPC clients are told to divide their requests where there are several regions. */
class ZonesOfRegionsTest {
    private static final String TARGET = "orders.shop:80";

    /** In eu, L = 10/12 and U = 1/2: 0.6 stays. The clients in us have endpoints of their own. */
    @Test
    void clientsOfAnotherRegion_takeNothingOfWhatAZoneHasRoomFor() {
        try (ServedTopology shop = new ServedTopology("eu", "us")) {
            for (String cluster : List.of("eu", "us")) {
                shop.service(cluster, "orders", Map.of());
                shop.service(cluster, "web", Map.of());
            }
            shop.pods("eu", "orders", "eu", "eu-a", 5, 1);
            shop.pods("eu", "orders", "eu", "eu-b", 5, 1);
            shop.pods("us", "orders", "us", "us-a", 5, 1);
            shop.pods("eu", "web", "eu", "eu-a", 10, 1);
            shop.pods("eu", "web", "eu", "eu-b", 2, 1);
            shop.pods("us", "web", "us", "us-a", 12, 1);
            shop.start();

            assertThat(shop.shares(TARGET, pod("web-1", "eu", "eu-a")).get("eu/eu-a"))
                    .isCloseTo(0.6, within(0.01));
            assertThat(shop.shares(TARGET, pod("web-12", "eu", "eu-b")).get("eu/eu-b"))
                    .isGreaterThan(0.98);
        }
    }

    /** All in one Kubernetes cluster, so that all regions are of the first priority. */
    @Test
    void zoneOfTheSameName_inAnotherRegion_isNotTheOwnOne() {
        try (ServedTopology shop = new ServedTopology("one")) {
            shop.service("one", "orders", Map.of());
            shop.pods("one", "orders", "eu", "1", 5, 1);
            shop.pods("one", "orders", "us", "1", 5, 1);
            shop.pods("one", "orders", "us", "2", 10, 1);
            shop.start();

            Map<String, Double> shares = shop.shares(TARGET, pod("", "eu", "1"));
            assertThat(shares.get("eu/1")).as("U = 1/4, L = 1/3").isCloseTo(0.75, within(0.01));
            assertThat(shares.get("us/1")).isLessThan(0.01);
            assertThat(shop.shares(TARGET, pod("", "asia", "1")))
                    .as("it has nothing near")
                    .isEqualTo(shop.shares(TARGET, pod("", "", "")));
            assertThat(shop.shares(TARGET, pod("", "", "1")))
                    .as("nobody knows which one is meant")
                    .isEqualTo(shop.shares(TARGET, pod("", "", "")));
            assertThat(shop.shares(TARGET, pod("", "", "2")).get("us/2"))
                    .as("there is only one of this name")
                    .isGreaterThan(0.98);
        }
    }

    @Test
    void endpointsOfTheOtherRegion_areNotEnoughForTheOwnZone() {
        try (ServedTopology shop = new ServedTopology("one")) {
            shop.service("one", "orders", Map.of(PolicyKnob.ZONE_MIN_LOCAL_ENDPOINTS, 2));
            shop.pods("one", "orders", "eu", "1", 1, 1);
            shop.pods("one", "orders", "us", "1", 5, 1);
            shop.start();

            assertThat(shop.shares(TARGET, pod("", "eu", "1")).get("eu/1")).isCloseTo(1 / 6.0, within(0.001));
            assertThat(shop.shares(TARGET, pod("", "us", "1")).get("us/1")).isGreaterThan(0.98);
        }
    }

    /** Of a port that no slice has, nothing is ready: it says nothing of the one that is asked for. */
    @Test
    void endpointsThatAreEnough_areCountedByThePortThatIsAskedFor() {
        try (ServedTopology shop = new ServedTopology("one")) {
            shop.service(
                    "one",
                    "orders",
                    Map.of(PolicyKnob.ZONE_MIN_LOCAL_ENDPOINTS, 1),
                    List.of(new ServicePort("admin", 9000, false), new ServicePort("grpc", 80, true)));
            shop.pods("one", "orders", "eu", "a", 1, 1);
            shop.pods("one", "orders", "eu", "b", 1, 1);
            shop.start();

            assertThat(shop.shares(TARGET, pod("", "eu", "a")).get("eu/a")).isGreaterThan(0.98);
        }
    }

    private static ClientVariant pod(String name, String region, String zone) {
        return new ClientVariant(Family.GRPC, "shop", new ClientPlace(region, zone), name);
    }
}
