/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What slows down every endpoint alike, or hits one once, leaves them even: the default strategy, in virtual time. */
class TroubleForAllTest {
    private static final int ENDPOINTS = 4;
    private static final Duration FAST = Duration.ofMillis(2);

    private final TestCluster cluster =
            TestCluster.of(new P2cEwma(new SplittableRandom(1)), TestCluster.healthyEndpoints(ENDPOINTS));
    private final Map<String, Integer> hits = new TreeMap<>();

    @ParameterizedTest
    @ValueSource(longs = {100, 500, 2_000, 60_000, 3_600_000})
    void afterAPauseOfTheClient_allAreUsedAlike(long pauseMillis) {
        oneAfterTheOther(400, FAST, Duration.ofMillis(18));
        List<Lease> inFlight = IntStream.range(0, 8)
                .mapToObj(i -> cluster.lease(cluster.pick(RequestAttributes.NONE)))
                .toList();
        cluster.advance(Duration.ofMillis(pauseMillis));
        inFlight.forEach(lease -> lease.end(Outcome.SUCCESS));

        oneAfterTheOther(50, FAST, Duration.ofMillis(18));

        assertEvenIn(400, FAST, Duration.ofMillis(18));
    }

    @ParameterizedTest
    @CsvSource({"20, 0", "100, 0", "100, 200", "2000, 0", "2000, 1000"})
    void whenAllHaveBeenSlow_andAreFastAgain_allAreUsedAlike(long slowMillis, long restMillis) {
        Duration rest = Duration.ofMillis(restMillis);
        oneAfterTheOther(200, FAST, rest);
        oneAfterTheOther(40, Duration.ofMillis(slowMillis), rest);

        oneAfterTheOther(30, FAST, rest);

        assertEvenIn(100, FAST, rest);
    }

    @Test
    void oneLongRequestToEach_costsNoneItsPlace_forLongerThanAMinute() {
        oneAfterTheOther(200, FAST, Duration.ofMillis(18));
        for (int i = 0; i < 3; i++) {
            oneAfterTheOther(1, Duration.ofSeconds(30), FAST);
            oneAfterTheOther(20, FAST, Duration.ofMillis(18));
        }
        oneAfterTheOther(70, FAST, Duration.ofSeconds(1));

        assertEvenIn(400, FAST, Duration.ofMillis(18));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4, 20})
    void theOthersAreEven_whileOneHoldsRequests(int held) {
        Candidate first = cluster.pool().get(0);
        for (int i = 0; i < held; i++) {
            Lease open = cluster.cluster().streamLease(first);
            assertThat(open.hasEnded()).isFalse();
        }
        oneAfterTheOther(100, FAST, Duration.ofMillis(18));
        hits.clear();
        oneAfterTheOther(600, FAST, Duration.ofMillis(18));

        hits.remove(first.endpoint().podName());
        assertThat(hits).hasSize(ENDPOINTS - 1);
        int all = hits.values().stream().mapToInt(i -> i).sum();
        assertThat(hits.values()).allSatisfy(one -> assertThat(one * 3.0 / all).isBetween(0.9, 1.1));
    }

    private void assertEvenIn(int requests, Duration time, Duration rest) {
        hits.clear();
        oneAfterTheOther(requests, time, rest);
        assertThat(hits).hasSize(ENDPOINTS);
        assertThat(hits.values())
                .as("%s", hits)
                .allSatisfy(
                        one -> assertThat(one * (double) ENDPOINTS / requests).isBetween(0.8, 1.15));
    }

    private void oneAfterTheOther(int requests, Duration time, Duration rest) {
        for (int i = 0; i < requests; i++) {
            Candidate picked = cluster.pick(RequestAttributes.NONE);
            hits.merge(picked.endpoint().podName(), 1, Integer::sum);
            Lease lease = cluster.lease(picked);
            cluster.advance(time);
            lease.end(Outcome.SUCCESS);
            cluster.advance(rest);
        }
    }
}
