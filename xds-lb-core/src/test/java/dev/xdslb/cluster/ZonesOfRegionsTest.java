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
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** How requests are divided where there are several regions. This process is in eu. */
class ZonesOfRegionsTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String WEB = "web.shop:8080";
    private static final int PICKS = 20_000;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private ClusterRegistry registry;

    @BeforeEach
    void start() {
        registry = ClusterRegistry.driven(
                source,
                resource -> new ClusterSettings(
                        new RandomChoice(random),
                        PolicySettings.DEFAULT,
                        ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT,
                        FallbackEndpoints.NONE),
                clock,
                random);
        registry.locate("", "");
    }

    @AfterEach
    void stop() {
        registry.close();
    }

    /** In eu, L = 10/12 and U = 1/2: 0.6 stays. The clients in us have endpoints of their own. */
    @Test
    void clientsOfAnotherRegion_takeNothingOfWhatAZoneHasRoomFor() {
        add("eu", "eu-a", 0, 5);
        add("eu", "eu-b", 0, 5);
        add("us", "us-a", 1, 5);
        Cluster orders = orders();
        source.place().onPlace(new Place(new Locality("eu", "eu-a", ""), List.of(WEB), Map.of()));
        add("eu", "eu-a", 0, 10);
        add("eu", "eu-b", 0, 2);
        add("us", "us-a", 0, 12);
        publish(WEB);
        halfASecond();

        // 5% of what could stay look how the others are, to all of which they go by weight
        assertThat(shareOf(orders, "eu", "eu-a")).isCloseTo(0.6 * 0.95, offset(0.02));
    }

    @Test
    void clientsThatTheSourceCounts_areToldApartByRegion() {
        add("eu", "1", 0, 5);
        add("eu", "2", 0, 5);
        Cluster orders = orders();
        source.place()
                .onPlace(new Place(
                        new Locality("eu", "1", ""),
                        List.of(WEB),
                        Map.of("1", 22, "2", 2),
                        Map.of(
                                new Locality("eu", "1", ""), 10,
                                new Locality("eu", "2", ""), 2,
                                new Locality("us", "1", ""), 12)));
        halfASecond();

        assertThat(shareOf(orders, "eu", "1")).isCloseTo(0.6 * 0.95, offset(0.02));
    }

    /** U = 1/4, L = 1/3: three quarters stay. */
    @Test
    void zoneOfTheSameName_inAnotherRegion_isNotTheOwnOne() {
        add("eu", "1", 0, 5);
        add("us", "1", 0, 5);
        add("us", "2", 0, 10);
        Cluster orders = orders();
        source.place().onPlace(new Place(new Locality("eu", "1", ""), List.of(), Map.of()));
        halfASecond();

        assertThat(shareOf(orders, "eu", "1")).isCloseTo(0.75 * 0.95, offset(0.02));
        assertThat(shareOf(orders, "us", "1")).isLessThan(0.05);
    }

    /** As it is where the region of this process is not known: all that are called so may be near. */
    @Test
    void zoneOfARegionThatIsNotKnown_isTakenForTheOwnOne() {
        add("", "1", 0, 5);
        add("us", "2", 0, 10);
        Cluster orders = orders();
        source.place().onPlace(new Place(new Locality("eu", "1", ""), List.of(), Map.of()));
        halfASecond();

        assertThat(shareOf(orders, "", "1")).as("U = 1/3, L = 1/2").isCloseTo(2 / 3.0 * 0.95, offset(0.02));
    }

    private void halfASecond() {
        for (int i = 0; i < 5; i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }

    private void add(String region, String zone, int priority, int count) {
        for (int i = 0; i < count; i++) {
            endpoints.add(Endpoint.builder("10.0.0." + (endpoints.size() + 1), 8080)
                    .locality(new Locality(region, zone, ""))
                    .priority(priority)
                    .build());
        }
    }

    private void publish(String resource) {
        source.publish(resource, endpoints.toArray(Endpoint[]::new));
        endpoints.clear();
    }

    private Cluster orders() {
        Cluster orders = registry.cluster(ORDERS);
        publish(ORDERS);
        return orders;
    }

    private double shareOf(Cluster cluster, String region, String zone) {
        int there = 0;
        for (int i = 0; i < PICKS; i++) {
            Locality picked =
                    cluster.picker().pick(RequestAttributes.NONE).endpoint().locality();
            there += picked.equals(new Locality(region, zone, "")) ? 1 : 0;
        }
        return there / (double) PICKS;
    }
}
