/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.FakeRequest;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Beyond the maximum in flight, a request fails at once. */
class LimitsTest {
    private static final String RESOURCE = "orders.shop:8080";

    private final RandomGenerator random = Randoms.seeded();
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();

    @Test
    void clusterAtItsLimit_refuses_untilARequestHasEnded() {
        Cluster cluster = cluster(new LimitSettings(0, 5), new RandomChoice(random), 2);
        List<Lease> leases = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            leases.add(cluster.lease(pick(cluster)));
        }
        leases.add(cluster.streamLease(pick(cluster)));

        assertThatThrownBy(() -> pick(cluster))
                .isInstanceOf(LimitExceededException.class)
                .isInstanceOf(NoEndpointException.class)
                .hasMessage("too many requests to orders.shop:8080: 5 are in flight, the maximum is 5"
                        + " (limits.max-in-flight); try again later, or raise the maximum");

        leases.get(4).end(Outcome.FAILURE);
        leases.get(4).end(Outcome.FAILURE);
        leases.add(cluster.lease(pick(cluster)));
        assertThatThrownBy(() -> pick(cluster)).isInstanceOf(LimitExceededException.class);
    }

    @Test
    void clusterAtItsLimit_refusesWhoCanUseOnlyOneThatIsLeftOut_too() {
        Cluster cluster = cluster(new LimitSettings(0, 5), new RandomChoice(random), 2);
        Predicate<Endpoint> usable = cluster.endpoints().get(0)::equals;
        for (int i = 0; i < 5; i++) {
            cluster.lease(pick(cluster, usable)).end(Outcome.FAILURE);
        }
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);

        for (int i = 0; i < 5; i++) {
            Lease unused = cluster.lease(pick(cluster, usable));
        }

        assertThatThrownBy(() -> pick(cluster, usable)).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> pick(cluster)).isInstanceOf(LimitExceededException.class);
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void endpointAtItsLimit_isPassedOver_asLongAsOneHasRoom(LoadBalancingStrategy strategy) {
        Cluster cluster = cluster(new LimitSettings(3, 0), strategy, 50);
        for (int i = 0; i < 150; i++) {
            Candidate picked = cluster.picker().pick(FakeRequest.header("x-user", "the same"));
            assertThat(picked.endpointLoad().inFlight()).isLessThan(3);
            Lease unused = cluster.lease(picked);
        }

        assertThatThrownBy(() -> pick(cluster))
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("too many requests to orders.shop:8080: each of the 50 endpoints that can be used has its"
                        + " maximum of 3 in flight (limits.max-in-flight-per-endpoint); try again later, add endpoints,"
                        + " or raise the maximum");
    }

    @Test
    void explanation_saysWhichLimitItIs() {
        Cluster cluster = cluster(new LimitSettings(1, 2), new RandomChoice(random), 2);
        Candidate busy = pick(cluster);
        List<Lease> leases = new ArrayList<>(List.of(cluster.lease(busy)));

        for (int i = 0; i < 20; i++) {
            PickExplanation explanation = cluster.picker().explain(RequestAttributes.NONE);
            assertThat(explanation.picked()).isNotNull().isNotEqualTo(busy.endpoint());
        }
        leases.add(cluster.lease(busy));
        assertThat(cluster.picker().explain(RequestAttributes.NONE).failure())
                .startsWith("too many requests to orders.shop:8080: 2 are in flight, the maximum is 2");
        leases.get(0).end(Outcome.SUCCESS);
        Lease unused = cluster.lease(pick(cluster));
        leases.get(1).end(Outcome.SUCCESS);
        assertThat(cluster.picker().explain(RequestAttributes.NONE).failure()).isEmpty();
    }

    @Test
    void picksThatAreSampled_obeyTheLimitsToo() {
        Cluster cluster = cluster(new LimitSettings(1, 0), new RandomChoice(random), 20);
        cluster.startSampling(1, 5);
        for (int i = 0; i < 20; i++) {
            Lease unused = cluster.lease(pick(cluster));
        }

        assertThatThrownBy(() -> pick(cluster)).isInstanceOf(LimitExceededException.class);
    }

    static Stream<LoadBalancingStrategy> strategies() {
        RandomGenerator random = Randoms.seeded();
        HashSettings unbounded =
                HashSettings.of(RequestKey.parse("header:x-user")).withBalanceFactor(0);
        return Stream.concat(
                BuiltInStrategies.all(random).stream(), BuiltInStrategies.hashing(unbounded, random).stream());
    }

    @Test
    void limitOfTheService_isToldInTheApplicationsWords() {
        Cluster cluster = cluster(new LimitSettings(0, 1), new RandomChoice(random), 1);
        Lease unused = cluster.lease(pick(cluster));

        assertThatThrownBy(() -> {
                    try {
                        pick(cluster);
                    } catch (NoEndpointException e) {
                        throw e.forService("orders", "control plane fake:18000");
                    }
                })
                .isInstanceOf(LimitExceededException.class)
                .hasMessage("too many requests to service \"orders\" (resource orders.shop:8080): 1 are in flight, the"
                        + " maximum is 1 (limits.max-in-flight); try again later, or raise the maximum");
    }

    @Test
    void noLimits_countNothingTwice() {
        AtomicInteger asked = new AtomicInteger();
        LoadBalancingStrategy counting = new LoadBalancingStrategy() {
            private final LoadBalancingStrategy within = new RandomChoice(random);

            @Override
            public String name() {
                return "counting";
            }

            @Override
            public Picker picker(Pool pool) {
                Picker picker = within.picker(pool);
                return request -> {
                    asked.incrementAndGet();
                    return picker.pick(request);
                };
            }
        };
        Cluster cluster = cluster(LimitSettings.NONE, counting, 3);
        for (int i = 0; i < 1000; i++) {
            Lease unused = cluster.lease(pick(cluster));
        }

        assertThat(asked).hasValue(1000);
    }

    private static Candidate pick(Cluster cluster) {
        return cluster.picker().pick(RequestAttributes.NONE);
    }

    private static Candidate pick(Cluster cluster, Predicate<Endpoint> usable) {
        return requireNonNull(cluster.picker().pick(RequestAttributes.NONE, usable));
    }

    private Cluster cluster(LimitSettings limits, LoadBalancingStrategy strategy, int endpoints) {
        ClusterSettings defaults = ClusterSettings.of(strategy);
        ClusterRegistry registry = ClusterRegistry.driven(
                source, resource -> defaults.withPolicy(PolicySettings.DEFAULT.withLimits(limits)), clock, random);
        Cluster cluster = registry.cluster(RESOURCE);
        Endpoint[] published = new Endpoint[endpoints];
        for (int i = 0; i < endpoints; i++) {
            published[i] = Endpoint.builder("10.0.0." + (i + 1), 8080).build();
        }
        source.publish(RESOURCE, published);
        return cluster;
    }
}
