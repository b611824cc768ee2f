/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TestClusterTest {
    private final TestCluster cluster =
            TestCluster.of(new P2cLeastRequest(new SplittableRandom(1)), TestCluster.healthyEndpoints(3));

    @Test
    void leases_changeWhatIsPicked() {
        Candidate busy = cluster.pool().get(0);
        cluster.lease(busy);

        for (int i = 0; i < 100; i++) {
            assertThat(cluster.pick(RequestAttributes.NONE)).isNotSameAs(busy);
        }
    }

    @Test
    void timeThatPasses_bringsAnEjectedEndpointBack() {
        Candidate failing = cluster.pool().get(0);
        for (int i = 0; i < 5; i++) {
            cluster.lease(failing).end(Outcome.FAILURE);
        }
        assertThat(cluster.pool().size()).isEqualTo(2);

        cluster.advance(Duration.ofSeconds(2));
        Candidate probe = cluster.pick(RequestAttributes.NONE);
        assertThat(probe.endpoint()).isEqualTo(failing.endpoint());
        cluster.lease(probe).end(Outcome.SUCCESS);

        assertThat(cluster.pool().size()).isEqualTo(3);
    }
}
