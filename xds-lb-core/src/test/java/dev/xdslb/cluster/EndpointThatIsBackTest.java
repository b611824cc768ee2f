/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** One caller, one request after the other: an endpoint that was left out for a while gets its share when it is back, and no burst. */
class EndpointThatIsBackTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A = pod("10.0.0.1", EndpointHealth.HEALTHY);
    private static final Endpoint B = pod("10.0.0.2", EndpointHealth.HEALTHY);
    private static final Endpoint C = pod("10.0.0.3", EndpointHealth.HEALTHY);
    private static final Duration REQUEST = Duration.ofMillis(2);

    /** A fair share of 30 requests to three endpoints is 10; two draws keep them within a few of each other. */
    private static final int REQUESTS = 30;

    private static final int MOST = 15;
    private static final int MOST_IN_A_ROW = 5;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private @Nullable ClusterRegistry registry;
    private long requests;

    @ParameterizedTest
    @EnumSource
    void drainedHere(Strategy strategy) {
        Cluster cluster = cluster(strategy);
        cluster.overrides().drain(A.key(), Duration.ofMinutes(10));
        callFor(Duration.ofSeconds(10), cluster);

        cluster.overrides().undrain(A.key());

        getsItsShare(cluster);
    }

    @ParameterizedTest
    @EnumSource
    void notReadyForAWhile(Strategy strategy) {
        Cluster cluster = cluster(strategy);
        source.publish(ORDERS, pod("10.0.0.1", EndpointHealth.UNHEALTHY), B, C);
        callFor(Duration.ofSeconds(10), cluster);

        source.publish(ORDERS, A, B, C);

        getsItsShare(cluster);
    }

    @ParameterizedTest
    @EnumSource
    void ejected(Strategy strategy) {
        Cluster cluster = cluster(strategy);
        for (int i = 0; i < 5; i++) {
            cluster.lease(cluster.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE))
                    .end(Outcome.FAILURE);
        }
        assertThat(cluster.picker().plan().eligible()).isEqualTo(2);
        for (int i = 0; cluster.picker().plan().eligible() < 3; i++) {
            assertThat(i).as("calls of its time out").isLessThan(100_000);
            call(cluster);
        }

        getsItsShare(cluster);
    }

    private void getsItsShare(Cluster cluster) {
        int toA = 0;
        int inARow = 0;
        for (int i = 0; i < REQUESTS; i++) {
            if (call(cluster)) {
                toA++;
                inARow++;
                assertThat(inARow).as("in a row").isLessThanOrEqualTo(MOST_IN_A_ROW);
            } else {
                inARow = 0;
            }
        }
        assertThat(toA).as("of %d", REQUESTS).isBetween(REQUESTS / 3 - (MOST - REQUESTS / 3), MOST);
    }

    private void callFor(Duration time, Cluster cluster) {
        for (long i = time.dividedBy(REQUEST); i > 0; i--) {
            assertThat(call(cluster)).isFalse();
        }
    }

    /** Returns whether it went to A. */
    private boolean call(Cluster cluster) {
        Candidate pick = cluster.picker().pick(RequestAttributes.NONE);
        Lease lease = cluster.lease(pick);
        clock.advance(REQUEST);
        lease.end(Outcome.SUCCESS);
        if (++requests % ClusterRegistry.TICK.dividedBy(REQUEST) == 0) {
            requireNonNull(registry).tick();
        }
        return pick.endpoint().key().equals(A.key());
    }

    private Cluster cluster(Strategy strategy) {
        LoadBalancingStrategy made = strategy.with(random);
        registry = ClusterRegistry.driven(
                source,
                ClusterSettingsProvider.fixed(ClusterSettings.of(made)),
                ClusterLifetime.DEFAULT,
                clock,
                random,
                ConnectionCheck.NONE);
        Cluster cluster = registry.cluster(ORDERS);
        source.publish(ORDERS, A, B, C);
        for (int i = 0; i < 1000; i++) {
            call(cluster);
        }
        return cluster;
    }

    private static Endpoint pod(String host, EndpointHealth health) {
        return Endpoint.builder(host, 8080)
                .pod("pod-" + host, "uid-" + host)
                .health(health)
                .build();
    }

    enum Strategy {
        LEAST_REQUEST,
        EWMA;

        LoadBalancingStrategy with(RandomGenerator random) {
            return this == LEAST_REQUEST ? new P2cLeastRequest(random) : new P2cEwma(random);
        }
    }
}
