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
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** gRPC makes one ring of all localities, on which an endpoint weighs what its locality weighs times what it weighs itself. */
class RingOfGrpcClientsTest {
    private static final String TARGET = "orders.shop:80";
    private static final long MAX_UNSIGNED = (1L << 32) - 1;

    @Test
    void withoutZones_everyPodHasItsShareOfTheRing_howeverManyAreInItsZone() {
        try (ServedTopology shop = ring(Map.of(PolicyKnob.ZONE_AFFINITY, "off"))) {
            shop.pods("one", "orders", "eu", "a", 2, 1);
            shop.pods("one", "orders", "eu", "b", 8, 1);
            shop.start();

            assertThat(shop.onTheRing(TARGET, in("eu", "a")).values())
                    .hasSize(10)
                    .containsOnly(1L);
            assertThat(shop.onTheRing(TARGET, in("", "")).values()).hasSize(10).containsOnly(1L);
        }
    }

    @Test
    void podsThatWeighMore_haveMoreOfTheRing_andNotMoreThanThat() {
        try (ServedTopology shop = ring(Map.of())) {
            shop.pods("one", "orders", "eu", "a", 1, 300);
            shop.pods("one", "orders", "eu", "b", 1, 100);
            shop.start();

            assertThat(shop.onTheRing(TARGET, in("eu", "a")).values()).containsExactlyInAnyOrder(300L, 100L);
        }
    }

    @Test
    void nothingSaidOfZones_theRingIsTheSame_inEveryZone() {
        try (ServedTopology shop = ring(Map.of())) {
            for (String zone : new String[] {"a", "b", "c"}) {
                shop.pods("one", "orders", "eu", zone, 1, 1);
            }
            shop.start();

            Map<String, Long> ring = shop.onTheRing(TARGET, in("", ""));
            for (String zone : new String[] {"a", "b", "c"}) {
                assertThat(shop.onTheRing(TARGET, in("eu", zone))).isEqualTo(ring);
            }
            assertThat(ring.values()).containsOnly(1L);
        }
    }

    /** U = 1/4, L = 1/2: half stays. */
    @Test
    void zonesThatAreAskedFor_haveTheirShareOfTheRing() {
        try (ServedTopology shop = ring(Map.of(PolicyKnob.ZONE_AFFINITY, "spill"))) {
            shop.pods("one", "orders", "eu", "a", 1, 7);
            shop.pods("one", "orders", "eu", "b", 3, 7);
            shop.start();

            Map<String, Double> shares = shares(shop, in("eu", "a"));
            String own = address(shop, "a");
            assertThat(shares.get(own)).isCloseTo(0.5, within(0.01));
            shares.remove(own);
            assertThat(shares.values())
                    .hasSize(3)
                    .allSatisfy(share -> assertThat(share).isCloseTo(0.5 / 3, within(0.01)));
        }
    }

    @Test
    void forced_allButWhatKeepsTheOthersKnown_isInTheOwnZone_howeverMuchPodsWeigh() {
        try (ServedTopology shop = ring(Map.of(PolicyKnob.ZONE_AFFINITY, "forced"))) {
            shop.pods("one", "orders", "eu", "a", 1, 10_000);
            shop.pods("one", "orders", "eu", "b", 90, 10_000);
            shop.start();

            assertThat(shares(shop, in("eu", "a")).get(address(shop, "a"))).isGreaterThan(0.999);
            assertNoSumOverflows(shop.assignment(TARGET, in("eu", "a")));
        }
    }

    @Test
    void noSumOverflows_whateverPodsWeigh_andTheirShareStays() {
        for (Map<PolicyKnob, Object> policy :
                List.<Map<PolicyKnob, Object>>of(Map.of(), Map.of(PolicyKnob.ZONE_AFFINITY, "spill"))) {
            try (ServedTopology shop = ring(policy)) {
                shop.pods("one", "orders", "eu", "a", 66, 10_000);
                shop.pods("one", "orders", "eu", "b", 66, 5_000);
                shop.start();

                assertNoSumOverflows(shop.assignment(TARGET, in("eu", "a")));
                assertNoSumOverflows(shop.assignment(TARGET, in("", "")));
            }
        }
    }

    /** Envoy's own ring does not look at the weights of localities, and it wants to know which are near. */
    @Test
    void envoy_andClientsOfAKeyThatGrpcCannotRead_areToldOfLocalities() {
        try (ServedTopology shop = ring(Map.of())) {
            shop.pods("one", "orders", "eu", "a", 2, 1);
            shop.pods("one", "orders", "eu", "b", 8, 1);
            shop.start();

            assertThat(shop.assignment(TARGET, new ClientVariant(Family.ENVOY, ""))
                            .getEndpointsList())
                    .hasSize(2);
        }
        try (ServedTopology shop = ring(Map.of(PolicyKnob.HASH_KEY, "cookie:session"))) {
            shop.pods("one", "orders", "eu", "a", 2, 1);
            shop.pods("one", "orders", "eu", "b", 8, 1);
            shop.start();

            assertThat(shop.assignment(TARGET, in("", "")).getEndpointsList()).hasSize(2);
        }
    }

    /** Those of another region take over when those of the own one are gone: a ring of their own. */
    @Test
    void regions_areStillPriorities_withOneLocalityEach() {
        try (ServedTopology shop = new ServedTopology("eu", "us")) {
            for (String region : new String[] {"eu", "us"}) {
                shop.service(region, "orders", key());
                shop.pods(region, "orders", region, region + "-a", 1, 1);
                shop.pods(region, "orders", region, region + "-b", 3, 1);
            }
            shop.start();

            ClusterLoadAssignment assignment = shop.assignment(TARGET, in("eu", "eu-a"));
            assertThat(assignment.getEndpointsList())
                    .extracting(LocalityLbEndpoints::getPriority)
                    .containsExactlyInAnyOrder(0, 1);
            assertThat(assignment.getEndpointsList())
                    .extracting(LocalityLbEndpoints::getLocality)
                    .doesNotHaveDuplicates();
            assertThat(shop.onTheRing(TARGET, in("eu", "eu-a")).values())
                    .hasSize(4)
                    .containsOnly(1L);
        }
    }

    private static void assertNoSumOverflows(ClusterLoadAssignment assignment) {
        long localities = 0;
        long onTheRing = 0;
        for (LocalityLbEndpoints locality : assignment.getEndpointsList()) {
            long ofLocality =
                    Integer.toUnsignedLong(locality.getLoadBalancingWeight().getValue());
            localities += ofLocality;
            for (LbEndpoint endpoint : locality.getLbEndpointsList()) {
                long weight =
                        Integer.toUnsignedLong(endpoint.getLoadBalancingWeight().getValue());
                assertThat(weight).isPositive();
                onTheRing += ofLocality * weight;
            }
        }
        assertThat(localities).isLessThanOrEqualTo(MAX_UNSIGNED);
        assertThat(onTheRing).isLessThanOrEqualTo(MAX_UNSIGNED);
    }

    private static Map<String, Double> shares(ServedTopology shop, ClientVariant client) {
        Map<String, Long> weights = shop.onTheRing(TARGET, client);
        double all = weights.values().stream().mapToLong(Long::longValue).sum();
        Map<String, Double> shares = new HashMap<>();
        weights.forEach((address, weight) -> shares.put(address, weight / all));
        return shares;
    }

    /** Returns the address of the only endpoint of a zone, as Envoy is told. */
    private static String address(ServedTopology shop, String zone) {
        for (LocalityLbEndpoints locality :
                shop.assignment(TARGET, new ClientVariant(Family.ENVOY, "")).getEndpointsList()) {
            if (locality.getLocality().getZone().equals(zone)) {
                return locality.getLbEndpoints(0)
                        .getEndpoint()
                        .getAddress()
                        .getSocketAddress()
                        .getAddress();
            }
        }
        throw new AssertionError("no locality of zone " + zone);
    }

    private static ServedTopology ring(Map<PolicyKnob, Object> policy) {
        ServedTopology shop = new ServedTopology("one");
        Map<PolicyKnob, Object> both = key();
        both.putAll(policy);
        shop.service("one", "orders", both);
        return shop;
    }

    private static Map<PolicyKnob, Object> key() {
        return new HashMap<>(Map.of(PolicyKnob.STRATEGY, "ring-hash", PolicyKnob.HASH_KEY, "header:x-user"));
    }

    private static ClientVariant in(String region, String zone) {
        return new ClientVariant(Family.GRPC, "shop", new ClientPlace(region, zone));
    }
}
