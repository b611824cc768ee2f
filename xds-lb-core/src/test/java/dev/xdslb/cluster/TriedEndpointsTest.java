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
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Maglev;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.RingHash;
import dev.xdslb.strategy.RoundRobin;
import dev.xdslb.strategy.WeightedRandom;
import dev.xdslb.strategy.WeightedRoundRobin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Picks for a request that has been tried before, and for a caller that can use only some endpoints. */
class TriedEndpointsTest {
    private static final String ORDERS = "orders.shop:80";
    private static final HashSettings BY_USER = HashSettings.of(RequestKey.parse("header:user"));
    private static final SubsetSettings BY_SHARD =
            SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:shard"));

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private int pickersMade;

    @ParameterizedTest
    @MethodSource("strategies")
    void eachAttempt_goesToAnotherEndpoint_untilAllWereTried(LoadBalancingStrategy strategy) {
        Cluster cluster = cluster(ClusterSettings.of(strategy), pods(5));
        for (int request = 0; request < 200; request++) {
            Request attempts = new Request("user", "u" + request);
            Set<Endpoint> seen = new HashSet<>();
            for (int attempt = 0; attempt < 5; attempt++) {
                Endpoint picked = cluster.picker().pick(attempts).endpoint();
                assertThat(seen.add(picked)).as("attempt %s", attempt).isTrue();
                attempts.tried.add(picked.key());
            }
            assertThat(cluster.picker().pick(attempts)).as("all were tried").isNotNull();
        }
    }

    @Test
    void retry_makesNoPickerAnew() {
        Cluster cluster = cluster(ClusterSettings.of(new Counted()), pods(10));
        int before = pickersMade;
        Request attempts = new Request("user", "u");

        for (int i = 0; i < 10; i++) {
            attempts.tried.add(cluster.picker().pick(attempts).endpoint().key());
            cluster.picker().pick(attempts, endpoint -> endpoint.key().port() == 80);
        }

        assertThat(pickersMade).isEqualTo(before);
    }

    @Test
    void retriesAreSharedOutEvenly_whicheverEndpointWasTried() {
        List<Endpoint> pods = pods(10);
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods);
        Request attempts = new Request("user", "u");
        pods.subList(0, 7).forEach(pod -> attempts.tried.add(pod.key()));

        Map<Endpoint, Integer> hits = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            hits.merge(cluster.picker().pick(attempts).endpoint(), 1, Integer::sum);
        }

        assertThat(hits).hasSize(3);
        assertThat(hits.values()).allMatch(count -> count > 800 && count < 1_200); // 1,000, 7 standard deviations
    }

    @Test
    void keyedRequest_isTriedAtTheSameSecondEndpointEachTime() {
        Cluster cluster = cluster(ClusterSettings.of(new Maglev(BY_USER, random)), pods(10));
        Set<Endpoint> seconds = new HashSet<>();
        for (int user = 0; user < 50; user++) {
            Request attempts = new Request("user", "u" + user);
            attempts.tried.add(cluster.picker().pick(attempts).endpoint().key());
            Endpoint second = cluster.picker().pick(attempts).endpoint();
            for (int i = 0; i < 5; i++) {
                assertThat(cluster.picker().pick(attempts).endpoint()).isEqualTo(second);
            }
            seconds.add(second);
        }
        assertThat(seconds)
                .as("the keys of one endpoint do not all go to one other")
                .hasSizeGreaterThan(5);
    }

    @Test
    void endpointThatIsLeftOut_comesBeforeOneThatWasTried() {
        List<Endpoint> pods = pods(2);
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods);
        fail(cluster, pods.get(0), 5);
        Request attempts = new Request("user", "u");
        assertThat(cluster.picker().pick(attempts).endpoint()).isEqualTo(pods.get(1));

        attempts.tried.add(pods.get(1).key());
        assertThat(cluster.picker().pick(attempts).endpoint()).isEqualTo(pods.get(0));

        attempts.tried.add(pods.get(0).key());
        assertThat(cluster.picker().pick(attempts).endpoint())
                .as("one that is trusted")
                .isEqualTo(pods.get(1));
    }

    @Test
    void retry_neverGoesToOneThatIsNotReady() {
        Endpoint ready = Endpoint.builder("10.0.0.1", 80).build();
        Endpoint unready = Endpoint.builder("10.0.0.2", 80)
                .health(EndpointHealth.UNHEALTHY)
                .build();
        Endpoint draining =
                Endpoint.builder("10.0.0.3", 80).health(EndpointHealth.DRAINING).build();
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), List.of(ready, unready, draining));
        Request attempts = new Request("user", "u");
        attempts.tried.add(ready.key());

        assertThat(cluster.picker().pick(attempts).endpoint()).isEqualTo(ready);
        assertThat(cluster.picker().pick(attempts, endpoint -> !endpoint.equals(ready)))
                .isNull();
    }

    @Test
    void retryOfAShard_staysInIt_andGoesElsewhereOnlyWhereTheSettingsSaySo() {
        List<Endpoint> pods = List.of(shard(1, "7"), shard(2, "7"), shard(3, "8"));
        Cluster failing =
                cluster(ClusterSettings.of(new P2cLeastRequest(random)).withSubset(BY_SHARD), pods);
        Request attempts = new Request("shard", "7");
        attempts.tried.add(pods.get(0).key());
        assertThat(failing.picker().pick(attempts).endpoint()).isEqualTo(pods.get(1));
        attempts.tried.add(pods.get(1).key());
        assertThat(failing.picker().pick(attempts).endpoint().shard()).isEqualTo("7");

        Cluster any = cluster(ClusterSettings.of(new P2cLeastRequest(random)).withSubset(BY_SHARD.orAny()), pods);
        assertThat(any.picker().pick(attempts).endpoint()).isEqualTo(pods.get(2));
    }

    @Test
    void retry_keepsToTheLimits() {
        List<Endpoint> pods = pods(3);
        Cluster cluster = cluster(
                ClusterSettings.of(new P2cLeastRequest(random))
                        .withPolicy(PolicySettings.DEFAULT.withLimits(new LimitSettings(1, 0))),
                pods);
        Candidate first = cluster.picker().pick(RequestAttributes.NONE);
        Lease unused = cluster.lease(first);
        Candidate second = cluster.picker().pick(RequestAttributes.NONE);
        Request attempts = new Request("user", "u");
        attempts.tried.add(second.endpoint().key());

        Candidate third = cluster.picker().pick(attempts);
        assertThat(third.endpoint()).isNotIn(first.endpoint(), second.endpoint());

        Lease unused2 = cluster.lease(third);
        assertThat(cluster.picker().pick(attempts).endpoint())
                .as("the tried one has room")
                .isEqualTo(second.endpoint());
        Lease unused3 = cluster.lease(second);
        assertThatThrownBy(() -> cluster.picker().pick(attempts)).isInstanceOf(LimitExceededException.class);
        assertThatThrownBy(() -> cluster.picker().pick(attempts, endpoint -> true))
                .isInstanceOf(LimitExceededException.class);
    }

    @Test
    void probe_isLeftToARequestThatCanGoThere() {
        List<Endpoint> pods = pods(2);
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods);
        Endpoint ejected = pods.get(0);
        fail(cluster, ejected, 5);
        pass(cluster, Duration.ofMinutes(1));
        assertThat(cluster.picker().plan().isProbing()).isTrue();
        Request attempts = new Request("user", "u");
        attempts.tried.add(ejected.key());

        for (int i = 0; i < 50; i++) {
            assertThat(cluster.picker().pick(attempts).isProbe()).isFalse();
            assertThat(requirePick(cluster, endpoint -> !endpoint.equals(ejected))
                            .isProbe())
                    .isFalse();
        }

        boolean probed = false;
        for (int i = 0; i < 50 && !probed; i++) {
            probed = cluster.picker().pick(RequestAttributes.NONE).isProbe();
        }
        assertThat(probed).as("the turn was still there").isTrue();
    }

    @ParameterizedTest
    @MethodSource("strategies")
    void callerThatCanUseFew_getsOnlyThese_andEvenly(LoadBalancingStrategy strategy) {
        List<Endpoint> pods = pods(100);
        Set<Endpoint> usable = Set.of(pods.get(5), pods.get(6), pods.get(7));
        Cluster cluster = cluster(ClusterSettings.of(strategy), pods);
        Map<Endpoint, Integer> hits = new HashMap<>();
        for (int i = 0; i < 3_000; i++) {
            hits.merge(
                    cluster.picker()
                            .pick(new Request("user", "u" + i), usable::contains)
                            .endpoint(),
                    1,
                    Integer::sum);
        }
        assertThat(hits.keySet()).isEqualTo(usable);
        assertThat(hits.values()).allMatch(count -> count > 600 && count < 1_400);
    }

    @Test
    void callerThatCanUseOnlyWhomOthersAvoid_getsThese_theBestFirst() {
        List<Endpoint> pods = pods(4);
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods);
        Endpoint ejected = pods.get(0);
        Endpoint avoided = pods.get(1);
        fail(cluster, ejected, 5);
        Lease refused = cluster.lease(requirePick(cluster, avoided::equals));
        refused.end(Outcome.CONNECTION_FAILURE);

        assertThat(requirePick(cluster, endpoint -> endpoint.equals(ejected) || endpoint.equals(avoided))
                        .endpoint())
                .isEqualTo(avoided);
        assertThat(requirePick(cluster, ejected::equals).endpoint()).isEqualTo(ejected);
    }

    @Test
    void ejectedEndpointThatIsAllTheCallerHas_comesBackByTheAnswerOfSuchARequest() {
        List<Endpoint> pods = pods(2);
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods);
        Endpoint ejected = pods.get(0);
        fail(cluster, ejected, 5);
        pass(cluster, Duration.ofMinutes(1));

        for (int i = 0; i < 10 && cluster.picker().plan().ejected() > 0; i++) {
            cluster.lease(requirePick(cluster, ejected::equals)).end(Outcome.SUCCESS);
        }

        assertThat(cluster.picker().plan().ejected()).isZero();
    }

    @Test
    void callerThatCanUseOnlyALowerPriorityOrAnotherZone_getsThese() {
        Endpoint first = Endpoint.builder("10.0.0.1", 80).build();
        Endpoint second = Endpoint.builder("10.0.0.2", 80).priority(1).build();
        Endpoint third = Endpoint.builder("10.0.0.3", 80).priority(2).build();
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), List.of(third, first, second));

        for (int i = 0; i < 20; i++) {
            assertThat(requirePick(cluster, endpoint -> !endpoint.equals(first)).endpoint())
                    .isEqualTo(second);
        }
        assertThat(requirePick(cluster, third::equals).endpoint()).isEqualTo(third);
    }

    @Test
    void callerThatCanUseNone_isToldSo_andAnEmptyServiceIsAnError() {
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)), pods(3));

        assertThat(cluster.picker().pick(RequestAttributes.NONE, endpoint -> false))
                .isNull();
        Cluster empty = cluster(ClusterSettings.of(new P2cLeastRequest(random)), List.of());
        assertThatThrownBy(() -> empty.picker().pick(RequestAttributes.NONE, endpoint -> true))
                .isInstanceOf(NoEndpointException.class);
    }

    @Test
    void sample_saysWhatWasTriedAndWhatTheCallerCannotUse() {
        List<Endpoint> pods = pods(3);
        Cluster cluster = cluster(ClusterSettings.of(new RoundRobin(random)), pods);
        cluster.startSampling(1, 10);
        Request attempts = new Request("user", "u");
        pods.subList(0, 2).forEach(pod -> attempts.tried.add(pod.key()));

        for (int i = 0; i < 3; i++) {
            assertThat(cluster.picker().pick(attempts).endpoint()).isEqualTo(pods.get(2));
        }
        assertThat(cluster.samples().get(0).picked()).isEqualTo(pods.get(2));
        assertThat(cluster.samples().toString()).contains("an earlier attempt of this request went there");
        assertThat(cluster.explain(attempts).picked()).isEqualTo(pods.get(2));

        Endpoint only = requirePick(cluster, pods.get(1)::equals).endpoint();
        PickExplanation sample = cluster.samples().get(0);
        assertThat(sample.picked()).isEqualTo(only);
        assertThat(sample.eligible()).isEqualTo(1);
        assertThat(sample.excluded())
                .hasSize(2)
                .allMatch(excluded -> excluded.reason() == dev.xdslb.policy.Exclusion.Reason.UNUSABLE_FOR_CALLER);

        cluster.picker().pick(RequestAttributes.NONE, pods.get(1)::equals, endpoint -> true);
        assertThat(cluster.samples().get(0).picked()).isEqualTo(only);
        cluster.picker().pick(RequestAttributes.NONE, endpoint -> false, endpoint -> true);
        assertThat(cluster.samples().get(0).failure()).startsWith("the caller waits until it can use 10.0.0.");
        cluster.picker().pick(RequestAttributes.NONE, endpoint -> false);
        assertThat(cluster.samples().get(0).failure()).isEqualTo("the caller can use none of the endpoints");
    }

    private Stream<LoadBalancingStrategy> all() {
        return Stream.of(
                new P2cEwma(random),
                new P2cLeastRequest(random),
                new RoundRobin(random),
                new WeightedRoundRobin(random),
                new RandomChoice(random),
                new WeightedRandom(random),
                new Maglev(BY_USER, random),
                new RingHash(BY_USER, random));
    }

    static Stream<LoadBalancingStrategy> strategies() {
        return new TriedEndpointsTest().all();
    }

    private Cluster cluster(ClusterSettings settings, List<Endpoint> endpoints) {
        ClusterRegistry clusters = ClusterRegistry.driven(source, resource -> settings, clock, random);
        Cluster cluster = clusters.cluster(ORDERS);
        registries.put(cluster, clusters);
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));
        return cluster;
    }

    private final Map<Cluster, ClusterRegistry> registries = new HashMap<>();

    private void pass(Cluster cluster, Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            registries.get(cluster).tick();
        }
    }

    private static Candidate requirePick(Cluster cluster, Predicate<Endpoint> usable) {
        Candidate picked = cluster.picker().pick(RequestAttributes.NONE, usable);
        assertThat(picked).isNotNull();
        return picked;
    }

    private static void fail(Cluster cluster, Endpoint endpoint, int times) {
        for (int i = 0; i < times; i++) {
            cluster.lease(requirePick(cluster, endpoint::equals)).end(Outcome.FAILURE);
        }
    }

    private static List<Endpoint> pods(int count) {
        return IntStream.rangeClosed(1, count)
                .mapToObj(i -> Endpoint.builder("10.0.0." + i, 80).build())
                .toList();
    }

    private static Endpoint shard(int number, String shard) {
        return Endpoint.builder("10.0.0." + number, 80).shard(shard).build();
    }

    private final class Counted implements LoadBalancingStrategy {
        private final LoadBalancingStrategy counted = new P2cLeastRequest(random);

        @Override
        public String name() {
            return "counted";
        }

        @Override
        public Picker picker(Pool pool) {
            pickersMade++;
            return counted.picker(pool);
        }
    }

    /** A request with one header, tried more and more often. */
    private static final class Request implements RequestAttributes {
        private final String name;
        private final String value;
        private final List<EndpointKey> tried = new ArrayList<>();

        private Request(String name, String value) {
            this.name = name;
            this.value = value;
        }

        @Override
        public @Nullable String header(String asked) {
            return asked.equals(name) ? value : null;
        }

        @Override
        public String path() {
            return "";
        }

        @Override
        public Collection<EndpointKey> tried() {
            return tried;
        }
    }
}
