/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.offset;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.ZoneSettings;
import dev.xdslb.policy.ZoneSettings.Affinity;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.xds.LogRecorder;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of the requests while the process learns where it runs. */
class PlacedClusterTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String WEB = "web.shop:8080";
    private static final int PICKS = 4_000;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final LogRecorder log = new LogRecorder("dev.xdslb.cluster");
    private ClusterRegistry registry = registry(PolicySettings.DEFAULT);

    @AfterEach
    void stop() {
        log.close();
        registry.close();
    }

    @Test
    void requestsAreZoneBlind_untilTheZoneIsKnown_thenUntilTheClientsAreKnown() {
        registry.locate("", "");
        Cluster orders = orders("a", "b", "b", "b");
        assertThat(shareOf(orders, "a")).as("nothing is known").isCloseTo(0.25, offset(0.04));

        source.place().onPlace(new Place(Locality.ofZone("a"), List.of(WEB), Map.of()));
        halfASecond();
        assertThat(shareOf(orders, "a"))
                .as("half of the clients are taken to be there, for which there is half of the capacity")
                .isCloseTo(0.5, offset(0.04));

        source.publish(WEB, endpoint(100, "b"), endpoint(101, "b"), endpoint(102, "b"));
        halfASecond();
        assertThat(shareOf(orders, "a")).as("one of four").isGreaterThan(0.95);

        source.publish(WEB, endpoint(100, "a"), endpoint(101, "a"));
        halfASecond();
        assertThat(shareOf(orders, "a")).as("all of them").isCloseTo(0.25, offset(0.04));
    }

    @Test
    void zoneWithoutEndpoints_isSaidOncePerService() {
        registry.locate("wset-1", WEB);
        Cluster orders = orders("west-1", "west-2");
        halfASecond();
        source.publish(ORDERS, endpoint(1, "west-1"), endpoint(2, "west-3"));
        halfASecond();

        assertThat(log.lines).singleElement().asString().startsWith("WARN orders.shop:8080: no endpoint is in zone");
        assertThat(log.lines.get(0)).contains("\"wset-1\"", "[west-1, west-2]", "xds-lb.zone");
        assertThat(shareOf(orders, "west-1")).isCloseTo(0.5, offset(0.04));
    }

    @Test
    void zoneThatTheControlPlaneSays_isNotMistyped() {
        registry.locate("", WEB);
        source.place().onPlace(new Place(Locality.ofZone("west-9"), List.of(), Map.of()));
        orders("west-1", "west-2");
        halfASecond();

        assertThat(log.lines).noneMatch(line -> line.startsWith("WARN"));
    }

    @Test
    void endpointsInNoZone_orAffinitySwitchedOff_makeNoZoneAMistypedOne() {
        registry.locate("wset-1", WEB);
        orders("", "");
        halfASecond();
        registry.close();
        registry = registry(PolicySettings.DEFAULT.withZones(new ZoneSettings(Affinity.OFF, 1)));
        registry.locate("wset-1", WEB);
        orders("west-1", "west-2");
        halfASecond();

        assertThat(log.lines).isEmpty();
    }

    private ClusterRegistry registry(PolicySettings policy) {
        return ClusterRegistry.driven(
                source,
                resource -> new ClusterSettings(
                        new RandomChoice(random),
                        policy,
                        ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT,
                        FallbackEndpoints.NONE),
                clock,
                random);
    }

    private Cluster orders(String... zones) {
        Cluster cluster = registry.cluster(ORDERS);
        Endpoint[] endpoints = new Endpoint[zones.length];
        for (int i = 0; i < zones.length; i++) {
            endpoints[i] = endpoint(i + 1, zones[i]);
        }
        source.publish(ORDERS, endpoints);
        return cluster;
    }

    private void halfASecond() {
        for (int i = 0; i < 5; i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }

    private static double shareOf(Cluster cluster, String zone) {
        int there = 0;
        for (int i = 0; i < PICKS; i++) {
            Endpoint picked = cluster.picker().pick(RequestAttributes.NONE).endpoint();
            there += picked.locality().zone().equals(zone) ? 1 : 0;
        }
        return there / (double) PICKS;
    }

    private static Endpoint endpoint(int number, String zone) {
        return Endpoint.builder("10.0.0." + number, 8080)
                .locality(Locality.ofZone(zone))
                .build();
    }
}
