/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.test.TestCluster;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PremiumFirstTest {
    private static final RequestAttributes PREMIUM = RequestAttributes.ofHeader(PremiumFirst.HEADER, "premium");

    private final Endpoint gold =
            TestCluster.endpoint(0).labels(Map.of("tier", "premium")).build();
    private final Endpoint plain = TestCluster.endpoint(1).build();

    @Test
    void eachTier_hasItsOwnPods() {
        try (TestCluster cluster = cluster(List.of(gold, plain))) {
            for (int i = 0; i < 100; i++) {
                assertThat(cluster.pick(PREMIUM).endpoint()).isEqualTo(gold);
                assertThat(cluster.pick(RequestAttributes.NONE).endpoint()).isEqualTo(plain);
            }
        }
    }

    @Test
    void tierWithoutReadyPod_usesTheOthers() {
        try (TestCluster cluster = cluster(List.of(gold, plain))) {
            Endpoint notReady = TestCluster.endpoint(0)
                    .labels(gold.labels())
                    .health(EndpointHealth.UNHEALTHY)
                    .build();
            cluster.endpoints(List.of(notReady, plain));

            assertThat(cluster.pick(PREMIUM).endpoint()).isEqualTo(plain);
        }
    }

    private static TestCluster cluster(List<Endpoint> endpoints) {
        return TestCluster.of(new PremiumFirst(new P2cEwma(new SplittableRandom(1))), endpoints);
    }
}
