/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What has become of a cluster's requests is known whoever has come and gone meanwhile. */
class RequestTallyTest {
    private static final String ORDERS = "orders.shop:8080";

    private final RandomGenerator random = Randoms.seeded();
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private LimitSettings limits = new LimitSettings(0, 0);
    private final ClusterRegistry registry = ClusterRegistry.driven(source, resource -> settings(), clock, random);

    @Test
    void everyOutcome_isCounted_beforeTheNextTick() {
        Cluster cluster = cluster(ORDERS, pods(0, 1));

        lease(cluster).end(Outcome.SUCCESS);
        lease(cluster).end(Outcome.FAILURE);
        lease(cluster).endRefused(Duration.ZERO);
        lease(cluster).end(Outcome.CANCELLED);
        Lease open = lease(cluster);

        assertThat(totals(cluster).inFlight()).isEqualTo(1);
        assertThat(ended(cluster)).containsExactly(1, 1, 1, 1);
        open.end(Outcome.SUCCESS);
        tick();
        assertThat(ended(cluster)).containsExactly(2, 1, 1, 1);
        assertThat(totals(cluster).ended().timed()).isEqualTo(2);
    }

    @Test
    void moreSuccessesThanTheirCounterHolds_betweenTwoTicks_areNotSeenTwice() {
        Cluster cluster = cluster(ORDERS, pods(0, 1));
        for (int round = 1; round <= 3; round++) {
            for (int i = 0; i < 700_000; i++) { // the counter of a tick has 20 bits
                lease(cluster).end(Outcome.SUCCESS);
            }
            assertThat(totals(cluster).ended().succeeded()).isEqualTo(round * 700_000L);
            tick();
            assertThat(totals(cluster).ended().succeeded()).isEqualTo(round * 700_000L);
        }
    }

    @Test
    void requestsOfPodsThatHaveLeft_stayCounted_andThoseStillInFlightAreCountedWhenTheyEnd() {
        Cluster cluster = cluster(ORDERS, pods(0, 3));
        List<Lease> open = new ArrayList<>();
        for (int i = 0; i < 30; i++) {
            lease(cluster).end(Outcome.SUCCESS);
            open.add(lease(cluster));
        }

        source.publish(ORDERS, pods(3, 3));
        assertThat(ended(cluster)).containsExactly(30, 0, 0, 0);
        assertThat(totals(cluster).inFlight()).isEqualTo(30);

        open.forEach(lease -> lease.end(Outcome.FAILURE));
        assertThat(ended(cluster)).containsExactly(30, 30, 0, 0);
        assertThat(totals(cluster).inFlight()).isZero();
    }

    @Test
    void podThatComesBack_whileItsRequestsAreInFlight_isNotCountedTwice() {
        Cluster cluster = cluster(ORDERS, pods(0, 1));
        lease(cluster).end(Outcome.SUCCESS);
        Lease open = lease(cluster);

        source.publish(ORDERS);
        assertThat(ended(cluster)).containsExactly(1, 0, 0, 0);
        source.publish(ORDERS, pods(0, 1));
        open.end(Outcome.SUCCESS);
        lease(cluster).end(Outcome.SUCCESS);

        assertThat(ended(cluster)).containsExactly(3, 0, 0, 0);
    }

    @Test
    void clusterThatReachesPodsOfAnother_countsFromThenOn() {
        Cluster first = cluster(ORDERS, pods(0, 1));
        lease(first).end(Outcome.SUCCESS);

        Cluster second = cluster("orders.shop:http", pods(0, 1));
        assertThat(ended(second)).containsExactly(0, 0, 0, 0);
        lease(second).end(Outcome.FAILURE);

        assertThat(ended(first)).containsExactly(1, 1, 0, 0);
        assertThat(ended(second)).containsExactly(0, 1, 0, 0);
    }

    @Test
    void tenThousandPodsThatCameAndWent_leaveTheirCountsAndNothingElse_thoughNobodyReads() {
        Cluster cluster = cluster(ORDERS, pods(0, 1));
        for (int i = 1; i <= 10_000; i++) {
            Lease lease = lease(cluster);
            source.publish(ORDERS, pods(i, 1));
            lease.end(Outcome.SUCCESS);
        }
        IntStream.range(0, 5).forEach(i -> tick()); // one of them is a slow one

        assertThat(leaving(cluster)).isZero();
        assertThat(ended(cluster)).containsExactly(10_000, 0, 0, 0);
    }

    @Test
    void failedPicks_areCountedByTheirReason_andExplanationsAreNot() {
        Cluster cluster = cluster(ORDERS);
        assertThatThrownBy(() -> lease(cluster)).isInstanceOf(NoEndpointException.class);
        cluster.explain(RequestAttributes.NONE);
        assertThat(totals(cluster).withoutEndpoint()).isEqualTo(1);

        limits = new LimitSettings(0, 1);
        Cluster limited = cluster("stock.shop:8080", pods(0, 1));
        Lease open = lease(limited);
        assertThatThrownBy(() -> lease(limited)).isInstanceOf(LimitExceededException.class);
        limited.explain(RequestAttributes.NONE);

        assertThat(totals(limited).beyondLimit()).isEqualTo(1);
        assertThat(totals(limited).withoutEndpoint()).isZero();
        open.end(Outcome.SUCCESS);
    }

    @Test
    void ejections_areCounted() {
        Cluster cluster = cluster(ORDERS, pods(0, 4));
        for (int i = 0; i < 100 && cluster.picker().plan().ejections() == 0; i++) {
            Lease lease = lease(cluster);
            lease.end(lease.load().key().podUid().equals("uid-0") ? Outcome.FAILURE : Outcome.SUCCESS);
            tick(); // who failed just now is not picked again at once
        }
        assertThat(cluster.picker().plan().ejections()).isEqualTo(1);
    }

    private int leaving(Cluster cluster) {
        return cluster.picker().tally().leaving();
    }

    private static RequestTotals totals(Cluster cluster) {
        return cluster.picker().totals();
    }

    private static long[] ended(Cluster cluster) {
        RequestCounts ended = totals(cluster).ended();
        return new long[] {ended.succeeded(), ended.failed(), ended.refused(), ended.cancelled()};
    }

    private static Lease lease(Cluster cluster) {
        return cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
    }

    private void tick() {
        clock.advance(ClusterRegistry.TICK);
        registry.tick();
    }

    private ClusterSettings settings() {
        return ClusterSettings.of(new P2cEwma(random)).withPolicy(PolicySettings.DEFAULT.withLimits(limits));
    }

    private Cluster cluster(String resource, Endpoint... endpoints) {
        Cluster cluster = registry.cluster(resource);
        source.publish(resource, endpoints);
        return cluster;
    }

    private static Endpoint[] pods(int first, int number) {
        return IntStream.range(first, first + number)
                .mapToObj(i -> Endpoint.builder("10.0." + i / 250 + '.' + i % 250, 8080)
                        .pod("pod-" + i, "uid-" + i)
                        .build())
                .toArray(Endpoint[]::new);
    }
}
