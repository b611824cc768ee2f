/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.FakeRequest;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.RoundRobin;
import dev.xdslb.strategy.WeightedRoundRobin;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Strategies that go in turn, while their picker is made anew again and again. */
class TurnsAcrossPublicationsTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final RandomGenerator random = Randoms.seeded();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final Map<String, Integer> requests = new HashMap<>(); // by host

    enum Kind {
        ROUND_ROBIN,
        WEIGHTED_ROUND_ROBIN;

        LoadBalancingStrategy strategy(RandomGenerator random) {
            return this == ROUND_ROBIN ? new RoundRobin(random) : new WeightedRoundRobin(random);
        }
    }

    @ParameterizedTest
    @EnumSource
    void publicationsInBetween_changeNobodysShare(Kind kind) {
        for (int every : new int[] {1, 2, 3, 7, 10, 13}) {
            requests.clear();
            Cluster cluster = cluster(ORDERS, kind.strategy(random));
            for (int i = 0; i < 100; i++) {
                if (i % every == 0) {
                    publish(pods(10));
                }
                pick(cluster);
            }

            assertRequests("a publication every " + every + " requests", 10, 9, 11);
        }
    }

    @ParameterizedTest
    @EnumSource
    void orderOfTheList_doesNotMatter(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        List<Endpoint> pods = new ArrayList<>(pods(10));
        for (int i = 0; i < 100; i++) {
            Collections.shuffle(pods, new Random(random.nextLong()));
            publish(pods);
            pick(cluster);
        }

        assertRequests("a shuffled list for each request", 10, 9, 11);
    }

    @Test
    void weights_areFollowedAcrossPublications() {
        Cluster cluster = cluster(ORDERS, new WeightedRoundRobin(random));
        for (int i = 0; i < 600; i++) {
            publish(List.of(pod(1, 1), pod(2, 2), pod(3, 3)));
            pick(cluster);
        }

        assertThat(requests.get("10.0.0.1")).isBetween(99, 101);
        assertThat(requests.get("10.0.0.2")).isBetween(199, 201);
        assertThat(requests.get("10.0.0.3")).isBetween(299, 301);
    }

    @Test
    void weightsThatMove_areFollowedAsExactly() {
        Cluster cluster = cluster(ORDERS, new WeightedRoundRobin(random));
        double expected = 0;
        for (int i = 0; i < 1000; i++) {
            int weight = 20 + i / 10; // of a pod that warms up beside nine others
            List<Endpoint> pods = new ArrayList<>(List.of(pod(1, weight)));
            for (int other = 2; other <= 10; other++) {
                pods.add(pod(other, 100));
            }
            publish(pods);
            pick(cluster);
            expected += weight / (900.0 + weight);
        }

        assertThat((double) requests.get("10.0.0.1")).isCloseTo(expected, within(3.0));
        double others = (1000 - expected) / 9;
        for (int other = 2; other <= 10; other++) {
            assertThat((double) requests.get("10.0.0." + other)).isCloseTo(others, within(3.0));
        }
    }

    @Test
    void lightPod_hasItsTurnsThoughWeightsMoveAllTheTime() {
        Cluster cluster = cluster(ORDERS, new WeightedRoundRobin(random));
        for (int i = 0; i < 1100; i++) {
            publish(List.of(pod(1, 10), pod(2, 100), pod(3, 99 + i % 2))); // envoy issue 10064
            pick(cluster);
        }

        assertThat(requests.get("10.0.0.1")).isBetween(45, 60); // of 1,100: 10 of 209.5 are 52.5
    }

    @ParameterizedTest
    @EnumSource
    void podThatComesAndGoes_hasItsTurnsWhileItIsThere_andSkewsNobodys(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        for (int i = 0; i < 600; i++) {
            publish(i % 2 == 0 ? pods(3) : pods(2)); // there for every other request
            pick(cluster);
        }

        assertThat(requests.get("10.0.0.3")).as("a third of 300").isBetween(99, 101);
        assertThat(requests.get("10.0.0.1")).isBetween(249, 251);
        assertThat(requests.get("10.0.0.2")).isBetween(249, 251);
    }

    @Test
    void whoStays_goesOnInTurn_whileOthersAreReplaced() {
        Cluster cluster = cluster(ORDERS, new RoundRobin(random));
        for (int i = 0; i < 1000; i++) {
            List<Endpoint> pods = new ArrayList<>(pods(7));
            for (int replaced = 0; replaced < 3; replaced++) { // three that live for 15 requests each
                pods.add(pod(100 + (i + 5 * replaced) / 15 * 3 + replaced, 1));
            }
            publish(pods);
            pick(cluster);
        }

        List<Integer> staying =
                IntStream.rangeClosed(1, 7).mapToObj(i -> requests.get(host(i))).toList();
        assertThat(Collections.max(staying) - Collections.min(staying))
                .as("requests of those that stay: " + staying)
                .isLessThanOrEqualTo(1);
        assertThat(staying.get(0)).as("a tenth each").isBetween(95, 115);
    }

    @ParameterizedTest
    @EnumSource
    void everySetIsNew_nobodyIsStarvedNorPreferred(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        int[] byPosition = new int[5];
        for (int i = 0; i < 5000; i++) {
            List<Endpoint> pods = new ArrayList<>();
            for (int pod = 0; pod < 5; pod++) {
                pods.add(pod(i * 5 + pod, pod < 4 ? 100 : 50)); // a light one, too
            }
            publish(pods);
            String picked = pick(cluster);
            int position = IntStream.range(0, 5)
                    .filter(pod -> pods.get(pod).key().host().equals(picked))
                    .findFirst()
                    .orElseThrow();
            byPosition[position]++;
        }

        double perWeight = kind == Kind.ROUND_ROBIN ? 5000 / 500.0 : 5000 / 450.0;
        for (int pod = 0; pod < 5; pod++) {
            double share = perWeight * (pod < 4 || kind == Kind.ROUND_ROBIN ? 100 : 50);
            assertThat((double) byPosition[pod]) // who comes after the light one has the turns that that one misses
                    .as("position " + pod)
                    .isBetween(0.5 * share, 1.5 * share);
        }
    }

    @ParameterizedTest
    @EnumSource
    void failuresAndRetries_leaveTheOthersEven(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        publish(pods(10));
        for (int i = 0; i < 1000; i++) {
            String first = pick(cluster);
            if (first.equals(host(4))) { // each of its requests is tried once more, elsewhere
                count(cluster.picker()
                        .restrictedTo(endpoint -> !endpoint.key().host().equals(first))
                        .pick(RequestAttributes.NONE)
                        .endpoint());
            }
        }

        assertThat(requests.remove(host(4))).isBetween(99, 101);
        assertRequests("the others have a ninth of 1,000", 9, 110, 113);
    }

    @Test
    void callersWithDifferentConnections_areEvenEach_whenCalledAlternately() {
        Cluster cluster = cluster(ORDERS, new RoundRobin(random));
        publish(pods(10));
        Predicate<Endpoint> nine = endpoint -> !endpoint.key().host().equals(host(10));
        Map<String, Integer> byFirst = new HashMap<>();
        Map<String, Integer> bySecond = new HashMap<>();
        for (int i = 0; i < 90; i++) {
            byFirst.merge(host(cluster.picker()), 1, Integer::sum);
            bySecond.merge(host(cluster.picker().restrictedTo(nine)), 1, Integer::sum);
        }

        assertThat(byFirst.values()).hasSize(10).allMatch(count -> count == 9);
        assertThat(bySecond.values()).hasSize(9).allMatch(count -> count == 10);
    }

    @Test
    void callersWithTheSameConnections_areEvenTogether() {
        Cluster cluster = cluster(ORDERS, new RoundRobin(random));
        publish(pods(10));
        ClusterPicker first = cluster.picker().restrictedTo(endpoint -> true);
        ClusterPicker second = cluster.picker().restrictedTo(endpoint -> true);
        for (int i = 0; i < 25; i++) { // neither alone could be even
            count(first.pick(RequestAttributes.NONE).endpoint());
            count(second.pick(RequestAttributes.NONE).endpoint());
            count(second.pick(RequestAttributes.NONE).endpoint());
            count(cluster.picker().pick(RequestAttributes.NONE).endpoint());
        }

        assertRequests("four of 100 each", 10, 10, 10);
    }

    @Test
    void twoServices_haveTheirOwnTurns_thoughTheySharePodsAndStrategy() {
        LoadBalancingStrategy shared = new RoundRobin(random);
        ClusterRegistry registry =
                ClusterRegistry.driven(source, resource -> ClusterSettings.of(shared), clock, random);
        Cluster orders = registry.cluster(ORDERS);
        Cluster carts = registry.cluster("carts.shop:8080");
        publish(pods(4));
        source.publish("carts.shop:8080", pods(4).toArray(Endpoint[]::new));
        Map<String, Integer> ofOrders = new HashMap<>();
        Map<String, Integer> ofCarts = new HashMap<>();
        for (int i = 0; i < 40; i++) {
            ofOrders.merge(host(orders.picker()), 1, Integer::sum);
            ofCarts.merge(host(carts.picker()), 1, Integer::sum);
        }

        assertThat(ofOrders.values()).hasSize(4).allMatch(count -> count == 10);
        assertThat(ofCarts.values()).hasSize(4).allMatch(count -> count == 10);
    }

    @ParameterizedTest
    @EnumSource
    void subsets_haveTheirOwnTurns(Kind kind) {
        SubsetSettings byShard = SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:x-shard"));
        Cluster cluster = ClusterRegistry.driven(
                        source,
                        resource -> ClusterSettings.of(kind.strategy(random)).withSubset(byShard),
                        clock,
                        random)
                .cluster(ORDERS);
        for (int i = 0; i < 80; i++) { // one after the other, two shards of four pods each
            publish(IntStream.rangeClosed(1, 8)
                    .mapToObj(pod -> Endpoint.builder(host(pod), 8080)
                            .shard(String.valueOf(pod % 2))
                            .build())
                    .toList());
            count(cluster.picker()
                    .pick(FakeRequest.header("x-shard", String.valueOf(i % 2)))
                    .endpoint());
        }

        assertRequests("ten each", 8, 9, 11);
    }

    @ParameterizedTest
    @EnumSource
    void partsThatAStrategyMakes_haveTheirOwnTurns(Kind kind) {
        Cluster cluster = cluster(ORDERS, new Halves(kind, random));
        for (int i = 0; i < 80; i++) { // strictly alternating requests would starve half of each part
            publish(pods(8));
            count(cluster.picker()
                    .pick(FakeRequest.header("half", String.valueOf(i % 2)))
                    .endpoint());
        }

        assertRequests("ten each", 8, 9, 11);
    }

    @ParameterizedTest
    @EnumSource
    void twoKindsOfRequestsForTheSamePods_areEvenEach_whenTheyAlternate(Kind kind) {
        Cluster cluster = cluster(ORDERS, new Halves(kind, random));
        List<Endpoint> even = IntStream.rangeClosed(1, 40)
                .mapToObj(i -> pod(i, 1))
                .filter(endpoint -> endpoint.address().hashCode() % 2 == 0)
                .limit(4)
                .toList();
        Map<String, Integer> ofEven = new HashMap<>();
        Map<String, Integer> ofOdd = new HashMap<>();
        for (int i = 0;
                i < 80;
                i++) { // there are no odd ones: their requests go to any, as in the sample's PremiumFirst
            publish(even);
            Endpoint picked = cluster.picker()
                    .pick(FakeRequest.header("half", String.valueOf(i % 2)))
                    .endpoint();
            (i % 2 == 0 ? ofEven : ofOdd).merge(picked.key().host(), 1, Integer::sum);
        }

        assertThat(ofEven.values()).hasSize(4).allMatch(count -> count >= 9 && count <= 11);
        assertThat(ofOdd.values()).hasSize(4).allMatch(count -> count >= 9 && count <= 11);
    }

    @Test
    void pickerThatIsMadeForEachRequest_goesOnInTurn() {
        RoundRobin within = new RoundRobin(random);
        Cluster cluster = cluster(ORDERS, new LoadBalancingStrategy() {
            @Override
            public String name() {
                return "lazy";
            }

            @Override
            public Picker picker(Pool pool) {
                return request -> within.picker(pool).pick(request);
            }
        });
        publish(pods(10));
        for (int i = 0; i < 100; i++) {
            pick(cluster);
        }

        assertRequests("ten each", 10, 10, 10);
    }

    @ParameterizedTest
    @EnumSource
    void podsThatFlapEachOnItsOwn_haveEqualShares(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        for (int i = 0; i < 10_000; i++) {
            List<Endpoint> present = new ArrayList<>(pods(10));
            present.removeIf(pod -> random.nextInt(5) == 0);
            if (!present.isEmpty()) {
                publish(present);
                pick(cluster);
            }
        }

        assertRequests("a tenth each", 10, 930, 1070);
    }

    @Test
    void ejectionAndReturn_keepTheOthersEven() {
        Cluster cluster = cluster(ORDERS, new RoundRobin(random));
        publish(pods(5));
        for (int i = 0; i < 500; i++) {
            Candidate candidate = cluster.picker().pick(RequestAttributes.NONE);
            String host = candidate.endpoint().key().host();
            count(candidate.endpoint());
            cluster.lease(candidate).end(host.equals(host(3)) ? Outcome.CONNECTION_FAILURE : Outcome.SUCCESS);
            clock.advance(ClusterRegistry.TICK);
            if (i % 5 == 4) {
                publish(pods(5));
            }
        }
        requests.remove(host(3));

        assertThat(Collections.max(requests.values()) - Collections.min(requests.values()))
                .as("requests: " + requests)
                .isLessThanOrEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void explanations_sayWhoseTurnIsNext_andTakeNone(Kind kind) {
        Cluster cluster = cluster(ORDERS, kind.strategy(random));
        publish(List.of(pod(1, 1), pod(2, 2), pod(3, 3)));
        for (int i = 0; i < 60; i++) {
            for (int asked = 0; asked < i % 4; asked++) {
                cluster.explain(RequestAttributes.NONE);
            }
            Endpoint explained = cluster.explain(RequestAttributes.NONE).picked();
            if (i % 3 == 0) {
                publish(List.of(pod(3, 3), pod(1, 1), pod(2, 2)));
            }

            assertThat(pick(cluster)).isEqualTo(explained.key().host());
        }
        if (kind == Kind.ROUND_ROBIN) {
            assertRequests("a third", 3, 20, 20);
        } else {
            assertThat(requests).isEqualTo(Map.of(host(1), 10, host(2), 20, host(3), 30));
        }
    }

    @Test
    void explainingASetThatWasNeverPickedFrom_leavesNothingBehind() {
        Cluster cluster = cluster(ORDERS, new Halves(Kind.ROUND_ROBIN, random));
        publish(pods(8));
        for (int i = 0; i < 10; i++) {
            cluster.picker()
                    .restrictedTo(endpoint -> endpoint.key().port() == 8080)
                    .explain(RequestAttributes.NONE);
        }
        for (int i = 0; i < 80; i++) {
            count(cluster.picker()
                    .pick(FakeRequest.header("half", String.valueOf(i % 2)))
                    .endpoint());
        }

        assertRequests("ten each", 8, 10, 10);
    }

    private Cluster cluster(String resource, LoadBalancingStrategy strategy) {
        return ClusterRegistry.driven(
                        source,
                        any -> new ClusterSettings(
                                strategy,
                                PolicySettings.DEFAULT,
                                ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT,
                                FallbackEndpoints.NONE),
                        clock,
                        random)
                .cluster(resource);
    }

    private void publish(List<Endpoint> endpoints) {
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));
    }

    private String pick(Cluster cluster) {
        Endpoint picked = cluster.picker().pick(RequestAttributes.NONE).endpoint();
        count(picked);
        return picked.key().host();
    }

    private void count(Endpoint picked) {
        requests.merge(picked.key().host(), 1, Integer::sum);
    }

    private void assertRequests(String what, int pods, int least, int most) {
        assertThat(requests).as(what).hasSize(pods);
        assertThat(requests.values()).as(what + ": " + requests).allMatch(count -> count >= least && count <= most);
    }

    private static String host(ClusterPicker picker) {
        return picker.pick(RequestAttributes.NONE).endpoint().key().host();
    }

    private static List<Endpoint> pods(int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> pod(i, 1)).toList();
    }

    private static Endpoint pod(int number, int weight) {
        return Endpoint.builder(host(number), 8080).weight(weight).build();
    }

    private static String host(int number) {
        return "10." + (number >> 16) + '.' + (number >> 8 & 0xFF) + '.' + (number & 0xFF);
    }

    /** Sends requests to the half of the pods that they name, and makes a new strategy each time, as somebody's may. */
    private record Halves(Kind kind, RandomGenerator random) implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "halves";
        }

        @Override
        public Picker picker(Pool pool) {
            Picker even = pickerOf(
                    pool.where(candidate -> candidate.endpoint().address().hashCode() % 2 == 0), pool);
            Picker odd = pickerOf(
                    pool.where(candidate -> candidate.endpoint().address().hashCode() % 2 != 0), pool);
            return Picker.deciding(request -> "0".equals(request.header("half")) ? even : odd);
        }

        private Picker pickerOf(Pool half, Pool all) {
            return kind.strategy(random).picker(half.size() > 0 ? half : all);
        }
    }
}
