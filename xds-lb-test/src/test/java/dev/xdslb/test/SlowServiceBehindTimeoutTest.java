/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rare requests behind a time-out, and a service that takes longer as a whole: nobody is worse than another. */
class SlowServiceBehindTimeoutTest {
    @ParameterizedTest
    @CsvSource({"true, 3", "true, 4", "true, 10", "false, 3", "false, 4", "false, 10"})
    void requestsStaySpread_whileAllAreLate(boolean inTurn, int endpoints) {
        LoadBalancingStrategy strategy = inTurn ? new RoundRobin() : new P2cEwma(new SplittableRandom(1));
        try (TestCluster cluster = TestCluster.of(strategy, TestCluster.healthyEndpoints(endpoints))) {
            twoASecond(cluster, 120, Duration.ofMillis(2), Outcome.SUCCESS);
            twoASecond(cluster, 120, Duration.ofMillis(300), Outcome.CANCELLED);

            Map<String, Integer> hits = twoASecond(cluster, 120, Duration.ofMillis(300), Outcome.CANCELLED);

            assertThat(hits).hasSize(endpoints);
            assertThat(hits.values()).as("%s", hits).allMatch(one -> one * endpoints >= 0.4 * 120);
        }
    }

    private static Map<String, Integer> twoASecond(TestCluster cluster, int requests, Duration until, Outcome outcome) {
        Map<String, Integer> hits = new TreeMap<>();
        for (int i = 0; i < requests; i++) {
            Candidate picked = cluster.pick(RequestAttributes.NONE);
            hits.merge(picked.endpoint().podName(), 1, Integer::sum);
            Lease lease = cluster.lease(picked);
            cluster.advance(until);
            lease.end(outcome);
            cluster.advance(Duration.ofMillis(500).minus(until));
        }
        return hits;
    }
}
