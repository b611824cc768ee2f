/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.strategy.P2cLeastRequest;
import org.junit.jupiter.api.Test;

class OwnServiceTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final ClusterRegistry registry = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new P2cLeastRequest(() -> 0)), () -> 0, () -> 0);
    private final OwnService place = new OwnService("a", registry.cluster("shop.web:8080"));

    @Test
    void beforeTheOwnServiceIsKnown_noShareIsKnown() {
        assertThat(place.zone()).isEqualTo("a");
        assertThat(place.clientShare("a")).isNaN();
    }

    @Test
    void readyEndpointsOfTheOwnService_areTheClients() {
        source.publish(
                "shop.web:8080",
                endpoint(1, "a", EndpointHealth.HEALTHY),
                endpoint(2, "a", EndpointHealth.UNHEALTHY),
                endpoint(3, "b", EndpointHealth.HEALTHY),
                endpoint(4, "b", EndpointHealth.HEALTHY),
                endpoint(5, "b", EndpointHealth.HEALTHY));

        assertThat(place.clientShare("a")).isEqualTo(0.25);
        assertThat(place.clientShare("b")).isEqualTo(0.75);
        assertThat(place.clientShare("c")).isZero();
    }

    private static Endpoint endpoint(int number, String zone, EndpointHealth health) {
        return Endpoint.builder("10.0.0." + number, 8080)
                .locality(Locality.ofZone(zone))
                .health(health)
                .build();
    }
}
