/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.WeightedRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class SubsetRoutingTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final SubsetSettings BY_SHARD =
            SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:x-shard"));
    private static final RequestAttributes NO_SHARD = RequestAttributes.NONE;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final List<Endpoint> endpoints = new ArrayList<>();

    @Test
    void request_reachesAllEndpointsOfItsShardAndNoOther_withEveryStrategy() {
        for (int i = 0; i < 4; i++) {
            pod("7");
            pod("8");
        }
        for (LoadBalancingStrategy strategy : BuiltInStrategies.all(random)) {
            Cluster cluster = publish(strategy, BY_SHARD);

            assertThat(picked(cluster, shard("7"), 200))
                    .as(strategy.name())
                    .hasSize(4)
                    .allMatch(endpoint -> endpoint.shard().equals("7"));
        }
    }

    @Test
    void anyPodLabel_canBeTheSubset() {
        endpoints.add(labelled("gpu", "a100"));
        endpoints.add(labelled("gpu", "h100"));
        Cluster cluster = publish(SubsetSettings.of("gpu", request -> "h100"));

        assertThat(picked(cluster, NO_SHARD, 20)).containsExactly(endpoints.get(1));
    }

    @Test
    void unknownValue_orNone_fails_sayingWhatWasAskedAndWhatThereIs() {
        for (int shard = 12; shard > 0; shard--) {
            pod(Integer.toString(shard));
        }
        Cluster cluster = publish(BY_SHARD);

        assertThatThrownBy(() -> pick(cluster, shard("70")))
                .isInstanceOf(NoEndpointException.class)
                .hasMessage(
                        "no endpoint for orders.shop:8080: the request asks for shard=70 (from header:x-shard), and no "
                                + "endpoint has it; values that exist: 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 2 more");
        assertThatThrownBy(() -> pick(cluster, NO_SHARD))
                .isInstanceOf(NoEndpointException.class)
                .hasMessageContaining(
                        "the request does not say which shard it asks for (header:x-shard has no value); values that exist: 1");
    }

    @Test
    void shardOfWhichNoneIsReady_fails_sayingSo() {
        endpoints.add(Endpoint.builder("10.0.0.1", 80)
                .shard("7")
                .health(EndpointHealth.UNHEALTHY)
                .build());
        pod("8");
        Cluster cluster = publish(BY_SHARD);

        assertThatThrownBy(() -> pick(cluster, shard("7")))
                .hasMessageContaining("shard=7 (from header:x-shard), and of the 1 endpoints with it none is ready");
    }

    @Test
    void endpointsWithoutTheLabel_areNamedAsSuch() {
        pod("");
        Cluster cluster = publish(BY_SHARD);

        assertThatThrownBy(() -> pick(cluster, shard("7"))).hasMessageEndingWith("no endpoint has a value of shard");
    }

    @Test
    void noEndpointAtAll_isTheServicesFault_notTheShards() {
        Cluster cluster = publish(BY_SHARD);

        assertThatThrownBy(() -> pick(cluster, shard("7"))).hasMessageContaining("scaled to zero?");
    }

    @Test
    void any_sendsWhatNoneMatchesAnywhere_andTheRestToItsShard() {
        pod("7");
        pod("8");
        pod("");
        Cluster cluster = publish(BY_SHARD.orAny());

        assertThat(picked(cluster, shard("9"), 100)).hasSize(3);
        assertThat(picked(cluster, NO_SHARD, 100)).hasSize(3);
        assertThat(picked(cluster, shard("7"), 100)).hasSize(1);
    }

    @Test
    void use_sendsWhatNoneMatchesToTheOtherValue_andFailsWhereItHasNoneEither() {
        pod("7");
        pod("rest");
        Cluster cluster = publish(BY_SHARD.orUse("rest"));

        assertThat(picked(cluster, shard("9"), 20)).containsExactly(endpoints.get(1));
        assertThat(picked(cluster, NO_SHARD, 20)).containsExactly(endpoints.get(1));

        endpoints.remove(1);
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));
        assertThatThrownBy(() -> pick(cluster, shard("9")))
                .hasMessageContaining("shard=9 (from header:x-shard), and no endpoint has it; shard=rest is to be used "
                        + "instead, and no endpoint has it; values that exist: 7");
    }

    @Test
    void snapshot_changesWhoIsInAShard() {
        pod("7");
        Cluster cluster = publish(BY_SHARD);
        assertThat(pick(cluster, shard("7")).endpoint()).isEqualTo(endpoints.get(0));

        endpoints.clear();
        endpoints.add(Endpoint.builder("10.0.0.1", 80).shard("8").build());
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));

        assertThatThrownBy(() -> pick(cluster, shard("7"))).isInstanceOf(NoEndpointException.class);
        assertThat(pick(cluster, shard("8")).endpoint()).isEqualTo(endpoints.get(0));
    }

    @Test
    void degraded_isUsedWhereItsShardHasNoHealthyOne() {
        Endpoint degraded = Endpoint.builder("10.0.0.1", 80)
                .shard("7")
                .health(EndpointHealth.DEGRADED)
                .build();
        endpoints.add(degraded);
        pod("8");
        Cluster cluster = publish(BY_SHARD);

        assertThat(picked(cluster, shard("7"), 10)).containsExactly(degraded);
    }

    @Test
    void probe_isTakenOnlyByARequestOfItsShard() {
        for (int i = 0; i < 3; i++) {
            pod("7");
            pod("8");
        }
        Cluster cluster = publish(BY_SHARD);
        Endpoint failing = endpoints.get(0);
        failFiveTimes(cluster, failing);
        assertThat(picked(cluster, shard("7"), 100)).hasSize(2).doesNotContain(failing);

        clock.advance(Duration.ofSeconds(2));
        cluster.slowTick();

        assertThat(picked(cluster, shard("8"), 100)).doesNotContain(failing);
        Candidate probe = pick(cluster, shard("7"));
        assertThat(probe.isProbe()).isTrue();
        assertThat(probe.endpoint()).isEqualTo(failing);
        assertThat(picked(cluster, shard("7"), 100)).doesNotContain(failing);
        cluster.lease(probe).end(Outcome.SUCCESS);
        assertThat(picked(cluster, shard("7"), 100)).contains(failing);
    }

    @Test
    void shareOfTheEjected_isBoundedWithinTheShard() {
        for (int i = 0; i < 4; i++) {
            pod("7");
        }
        for (int i = 0; i < 20; i++) {
            pod("8");
        }
        Cluster cluster = publish(BY_SHARD);

        for (int i = 0; i < 4; i++) {
            failFiveTimes(cluster, endpoints.get(i));
        }

        assertThat(picked(cluster, shard("7"), 100)).hasSize(2);
    }

    @Test
    void panic_isJudgedWithinTheShard() {
        for (int i = 0; i < 2; i++) {
            pod("7");
        }
        for (int i = 0; i < 20; i++) {
            pod("8");
        }
        Cluster cluster = publish(BY_SHARD);
        failFiveTimes(cluster, endpoints.get(0));
        assertThat(picked(cluster, shard("7"), 100)).hasSize(1);

        // the other one leaves: what is left of the shard failed, which is no reason to serve nobody
        endpoints.remove(1);
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));

        assertThat(picked(cluster, shard("7"), 100)).containsExactly(endpoints.get(0));
    }

    @Test
    void slowStart_rampsWithinTheShard_alsoWhereMostOfThePoolIsNew() {
        clock.advance(Duration.ofMinutes(10));
        Instant now = Instant.EPOCH.plusNanos(clock.getAsLong());
        Instant old = now.minusSeconds(300);
        for (int i = 0; i < 3; i++) {
            endpoints.add(pod("7", "a", old));
        }
        endpoints.add(pod("7", "a", now));
        for (int i = 0; i < 20; i++) {
            endpoints.add(pod("8", "a", now));
        }
        Cluster cluster = publish(new WeightedRandom(random), BY_SHARD);
        assertThat(shareOf(cluster, endpoints.get(3))).isCloseTo(0.1 / 3.1, within(0.01));

        clock.advance(Duration.ofSeconds(15));
        cluster.slowTick();

        assertThat(shareOf(cluster, endpoints.get(3))).isCloseTo(0.5 / 3.5, within(0.02));
    }

    @Test
    void zones_areJudgedWithinTheShard() {
        for (int i = 0; i < 4; i++) {
            endpoints.add(pod("7", i < 2 ? "a" : "b", null));
            endpoints.add(pod("8", "b", null));
        }
        Cluster cluster = cluster(new RandomChoice(random), BY_SHARD, ClientPlace.inZone("a"));

        Map<String, Integer> zones = new HashMap<>();
        for (int i = 0; i < 10_000; i++) {
            zones.merge(pick(cluster, shard("7")).endpoint().locality().zone(), 1, Integer::sum);
        }

        assertThat(zones.get("a") / 10_000.0).isCloseTo(0.95, within(0.01));
        assertThat(pick(cluster, shard("8")).endpoint().locality().zone()).isEqualTo("b");
    }

    @Test
    void priorities_areJudgedWithinTheShard() {
        Endpoint second =
                Endpoint.builder("10.0.0.1", 80).shard("7").priority(1).build();
        endpoints.add(second);
        pod("8");
        Cluster cluster = publish(BY_SHARD);

        assertThat(picked(cluster, shard("7"), 10)).containsExactly(second);
    }

    @Test
    void restriction_staysWithinTheShard_andFallsBackWhereItLeavesNone() {
        pod("7");
        pod("7");
        pod("8");
        Endpoint excluded = endpoints.get(0);
        Cluster failing = publish(BY_SHARD);

        ClusterPicker others = failing.picker().restrictedTo(endpoint -> !endpoint.equals(excluded));
        assertThat(others.pick(shard("7")).endpoint()).isEqualTo(endpoints.get(1));

        ClusterPicker none =
                failing.picker().restrictedTo(endpoint -> endpoint.shard().equals("8"));
        assertThat(none.hasEndpointFor(shard("7"))).isFalse();
        assertThat(none.hasEndpointFor(shard("8"))).isTrue();
        assertThatThrownBy(() -> none.pick(shard("7")))
                .hasMessageContaining("none of the 2 ready endpoints with it is among those that the caller can use");

        ClusterPicker any = publish(BY_SHARD.orAny())
                .picker()
                .restrictedTo(endpoint -> endpoint.shard().equals("8"));
        assertThat(any.pick(shard("7")).endpoint()).isEqualTo(endpoints.get(2));
    }

    @Test
    void awaitedEndpoint_isGivenWhereItsShardHasNoUsableOne() {
        pod("7");
        pod("7");
        pod("8");
        Endpoint ready = endpoints.get(0);
        Cluster cluster = publish(BY_SHARD.orAny());

        for (int i = 0; i < 20; i++) {
            assertThat(pickAmong(cluster, ready, shard("7"))).isEqualTo(ready);
            assertThat(pickAmong(cluster, ready, shard("8"))).isEqualTo(endpoints.get(2));
            assertThat(pickAmong(cluster, ready, NO_SHARD)).isEqualTo(ready);
        }
    }

    @Test
    void settings_refuseWhatMakesNoSense() {
        RequestKey from = RequestKey.parse("path");
        assertThatThrownBy(() -> SubsetSettings.of("", from))
                .hasMessage("label:  (expected: \"shard\" or the name of a pod's label)");
        assertThatThrownBy(() -> SubsetSettings.of("gpu", from).orUse(""))
                .hasMessage("useValue:  (expected: a value of the label, because ifNoneMatches is USE)");
    }

    private static Endpoint pickAmong(Cluster cluster, Endpoint ready, RequestAttributes request) {
        return requireNonNull(cluster.picker().pick(request, ready::equals, endpoint -> !endpoint.equals(ready)))
                .endpoint();
    }

    private double shareOf(Cluster cluster, Endpoint endpoint) {
        int hits = 0;
        for (int i = 0; i < 10_000; i++) {
            hits += pick(cluster, shard(endpoint.shard())).endpoint().equals(endpoint) ? 1 : 0;
        }
        return hits / 10_000.0;
    }

    private void pod(String shard) {
        endpoints.add(pod(shard, "", null));
    }

    private Endpoint pod(String shard, String zone, @Nullable Instant readySince) {
        return Endpoint.builder("10.0.1." + (endpoints.size() + 1), 80)
                .shard(shard)
                .locality(Locality.ofZone(zone))
                .readySince(readySince)
                .build();
    }

    private Endpoint labelled(String label, String value) {
        return Endpoint.builder("10.0.2." + (endpoints.size() + 1), 80)
                .labels(Map.of(label, value))
                .build();
    }

    private Cluster publish(SubsetSettings subset) {
        return publish(new RandomChoice(random), subset);
    }

    private Cluster publish(LoadBalancingStrategy strategy, SubsetSettings subset) {
        return cluster(strategy, subset, ClientPlace.UNKNOWN);
    }

    private Cluster cluster(LoadBalancingStrategy strategy, SubsetSettings subset, ClientPlace place) {
        ClusterRegistry registry = ClusterRegistry.driven(
                source, resource -> ClusterSettings.of(strategy).withSubset(subset), clock, random);
        registry.place(place);
        Cluster cluster = registry.cluster(ORDERS);
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));
        return cluster;
    }

    private static RequestAttributes shard(String shard) {
        return new RequestAttributes() {
            @Override
            public @Nullable String header(String name) {
                return name.equals("x-shard") ? shard : null;
            }

            @Override
            public String path() {
                return "";
            }
        };
    }

    private static Candidate pick(Cluster cluster, RequestAttributes request) {
        return cluster.picker().pick(request);
    }

    private static Set<Endpoint> picked(Cluster cluster, RequestAttributes request, int picks) {
        Set<Endpoint> picked = new HashSet<>();
        for (int i = 0; i < picks; i++) {
            picked.add(pick(cluster, request).endpoint());
        }
        return picked;
    }

    private static void failFiveTimes(Cluster cluster, Endpoint endpoint) {
        Candidate candidate = cluster.picker().restrictedTo(endpoint::equals).pick(shard(endpoint.shard()));
        for (int i = 0; i < 5; i++) {
            cluster.lease(candidate).end(Outcome.FAILURE);
        }
    }
}
