/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.FakeRequest;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.RingHash;
import java.util.HashSet;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Where zones divide the requests, those with the same key still meet. */
class KeyedGroupsTest {
    private static final String RESOURCE = "orders.shop:8080";

    private final RandomGenerator random = Randoms.seeded();
    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void equalKeys_goToTheSameEndpoint_whetherTheyStayInTheZoneOrLeaveIt() {
        HashSettings settings = HashSettings.of(RequestKey.parse("header:x-user"));
        try (ClusterRegistry registry = ClusterRegistry.driven(
                source, resource -> ClusterSettings.of(new RingHash(settings, random)), () -> 0, random)) {
            registry.place(ClientPlace.inZone("a"));
            Cluster cluster = registry.cluster(RESOURCE);
            Endpoint[] endpoints = new Endpoint[30];
            for (int i = 0; i < endpoints.length; i++) {
                endpoints[i] = Endpoint.builder("10.0.0." + (i + 1), 8080)
                        .locality(Locality.ofZone(i < 5 ? "a" : i < 17 ? "b" : "c")) // a has half of what it needs
                        .build();
            }
            source.publish(RESOURCE, endpoints);
            assertThat(cluster.picker().plan().groups()).hasSizeGreaterThan(1);

            Set<String> zones = new HashSet<>();
            for (int user = 0; user < 200; user++) {
                Candidate first = pick(cluster, user);
                zones.add(first.endpoint().locality().zone());
                for (int i = 0; i < 10; i++) {
                    assertThat(pick(cluster, user)).isSameAs(first);
                }
            }
            assertThat(zones).containsExactlyInAnyOrder("a", "b", "c");
        }
    }

    private static Candidate pick(Cluster cluster, int user) {
        return cluster.picker().pick(FakeRequest.header("x-user", "user-" + user));
    }
}
