/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.SubsetChoice.Way;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.Routing.Why;
import dev.xdslb.policy.WeightFactors;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RandomChoice;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PickExplanationTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final RequestAttributes REQUEST = RequestAttributes.NONE;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final List<Endpoint> endpoints = new ArrayList<>();
    private ClientPlace place = ClientPlace.UNKNOWN;
    private ClusterRegistry registry =
            ClusterRegistry.driven(source, resource -> ClusterSettings.of(new RandomChoice(random)), clock, random);

    @Test
    void drawnCandidates_haveTheirScoresWithEachFactor() {
        clock.advance(Duration.ofMinutes(10));
        Instant now = Instant.EPOCH.plusNanos(clock.getAsLong());
        pod(builder -> builder.weight(3));
        pod(builder -> builder.weight(1).readySince(now.minusSeconds(15)));
        pod(builder -> builder.weight(2));
        Cluster cluster = publish(new P2cLeastRequest(random));
        Lease open = cluster.lease(candidate(cluster, endpoints.get(1)));

        PickExplanation explanation = cluster.explain(REQUEST);

        assertThat(explanation.drawn()).hasSize(3);
        DrawnCandidate starting = drawn(explanation, endpoints.get(1));
        assertThat(starting.weight()).isEqualTo(new WeightFactors(0.5, 0.5, 1, 1));
        assertThat(starting.inFlight()).isEqualTo(1);
        assertThat(starting.cost()).isEqualTo(1.0);
        assertThat(starting.score()).isEqualTo(1 / 0.25 + 1);
        assertThat(starting.picked()).isFalse();
        assertThat(starting)
                .hasToString("10.0.0.2:80: score 5.00, cost 1.00, 1 in flight, "
                        + "weight 0.25 = 0.50 control plane × 0.50 slow start × 1.00 error bias × 1.00 refusals");
        assertThat(explanation.drawn().stream().filter(DrawnCandidate::picked).map(DrawnCandidate::endpoint))
                .containsExactly(explanation.picked());
        open.end(Outcome.SUCCESS);
    }

    @Test
    void responseTimes_areTheCost() {
        pods(2);
        Cluster cluster = publish(new P2cEwma(random));
        for (int i = 0; i < 3; i++) { // before that, it is in doubt
            Lease lease = cluster.lease(candidate(cluster, endpoints.get(0)));
            clock.advance(Duration.ofMillis(20));
            lease.end(Outcome.SUCCESS);
        }

        DrawnCandidate measured = drawn(cluster.explain(REQUEST), endpoints.get(0));

        assertThat(measured.cost()).isEqualTo(20e6);
    }

    @Test
    void errorBias_isAFactor() {
        pods(3);
        Cluster cluster = publish(new P2cLeastRequest(random));
        Candidate failing = candidate(cluster, endpoints.get(0));
        for (int i = 0; i < 20; i++) {
            cluster.lease(failing).end(i % 2 == 0 ? Outcome.FAILURE : Outcome.SUCCESS);
            cluster.lease(candidate(cluster, endpoints.get(1))).end(Outcome.SUCCESS);
        }
        tick(5);

        assertThat(drawn(cluster.explain(REQUEST), endpoints.get(0)).weight().errorBias())
                .isLessThan(0.9);
    }

    @Test
    void strategyThatTellsNothing_isExplainedByItsResult() {
        pods(3);
        PickExplanation explanation = publish(new RandomChoice(random)).explain(REQUEST);

        assertThat(explanation.drawn()).singleElement().satisfies(drawn -> {
            assertThat(drawn.picked()).isTrue();
            assertThat(drawn.score()).isNull();
            assertThat(drawn.endpoint()).isEqualTo(explanation.picked());
        });
        assertThat(explanation.strategy()).isEqualTo("random");
    }

    @Test
    void eachExclusion_hasItsReason() {
        pods(4);
        pod(builder -> builder.health(EndpointHealth.UNHEALTHY));
        pod(builder -> builder.health(EndpointHealth.DRAINING));
        pod(builder -> builder.health(EndpointHealth.DEGRADED));
        Cluster cluster = publish(new P2cLeastRequest(random));
        failFiveTimes(cluster, endpoints.get(0));
        cluster.lease(candidate(cluster, endpoints.get(1))).end(Outcome.CONNECTION_FAILURE);

        ClusterPicker withoutThird = cluster.picker().restrictedTo(endpoint -> !endpoint.equals(endpoints.get(2)));
        PickExplanation explanation = withoutThird.explain(REQUEST);

        assertThat(reasons(explanation))
                .isEqualTo(Map.of(
                        endpoints.get(0), Reason.EJECTED,
                        endpoints.get(1), Reason.AVOIDED,
                        endpoints.get(2), Reason.UNUSABLE_FOR_CALLER,
                        endpoints.get(4), Reason.NOT_READY,
                        endpoints.get(5), Reason.DRAINING,
                        endpoints.get(6), Reason.DEGRADED));
        assertThat(exclusion(explanation, endpoints.get(0)).until())
                .isBetween(wallNow().plusMillis(999), wallNow().plusMillis(1200));
        assertThat(exclusion(explanation, endpoints.get(1)).until())
                .isEqualTo(wallNow().plusSeconds(1));
        assertThat(explanation.picked()).isEqualTo(endpoints.get(3));
        assertThat(explanation.eligible()).isEqualTo(1);
        assertThat(explanation.panic()).isFalse();
    }

    @Test
    void otherSubsets_areExcluded_andTheChoiceIsSaid() {
        pod(builder -> builder.shard("7"));
        pod(builder -> builder.shard("8"));
        AtomicReference<String> asked = new AtomicReference<>("7");
        SubsetSettings byShard = SubsetSettings.of(SubsetSettings.SHARD, request -> asked.get());

        PickExplanation matched = publish(byShard).explain(REQUEST);
        assertThat(matched.subset())
                .extracting(SubsetChoice::way, SubsetChoice::used)
                .containsExactly(Way.ASKED, "7");
        assertThat(reasons(matched)).isEqualTo(Map.of(endpoints.get(1), Reason.OTHER_SUBSET));

        asked.set("9");
        PickExplanation anywhere = publish(byShard.orAny()).explain(REQUEST);
        assertThat(anywhere.subset())
                .extracting(SubsetChoice::way, SubsetChoice::asked)
                .containsExactly(Way.ANY, "9");
        assertThat(anywhere.excluded()).isEmpty();

        PickExplanation other = publish(byShard.orUse("8")).explain(REQUEST);
        assertThat(other.subset())
                .extracting(SubsetChoice::way, SubsetChoice::used)
                .containsExactly(Way.OTHER_VALUE, "8");
        assertThat(other.picked()).isEqualTo(endpoints.get(1));
        assertThat(other.toString()).contains("shard=9 (from ", ") matches no endpoint, so shard=8 is used");

        PickExplanation failed = publish(byShard).explain(REQUEST);
        assertThat(failed.subset()).extracting(SubsetChoice::way).isEqualTo(Way.NONE);
        assertThat(failed.picked()).isNull();
        assertThat(failed.failure()).contains("the request asks for shard=9", "values that exist: 7, 8");
    }

    @Test
    void routing_saysWhyARequestStaysOrLeaves() {
        place = ClientPlace.inZone("a");
        pod(builder -> builder.locality(Locality.ofZone("a")));
        for (int i = 0; i < 3; i++) {
            pod(builder -> builder.locality(Locality.ofZone("b")));
        }
        Cluster cluster = publish(new P2cLeastRequest(random));

        Set<Why> seen = EnumSet.noneOf(Why.class);
        for (int i = 0; i < 2000; i++) {
            PickExplanation explanation = cluster.explain(REQUEST);
            seen.add(explanation.routing().why());
            assertThat(explanation.picked().locality().zone())
                    .isEqualTo(explanation.routing().why().isSpilled() ? "b" : "a");
        }

        assertThat(seen).containsExactlyInAnyOrder(Why.KEPT_LOCAL, Why.CAPACITY, Why.PROBE);
        assertThat(cluster.explain(REQUEST).routing().zones().capacity()).isEqualTo(0.5);
    }

    @Test
    void overload_isSaid_whereTheOwnZoneIsSlower() {
        place = ClientPlace.inZone("a");
        pod(builder -> builder.locality(Locality.ofZone("a")));
        pod(builder -> builder.locality(Locality.ofZone("b")));
        Cluster cluster = publish(new P2cLeastRequest(random));
        for (int i = 0; i < 20; i++) {
            Lease local = cluster.lease(candidate(cluster, endpoints.get(0)));
            Lease other = cluster.lease(candidate(cluster, endpoints.get(1)));
            clock.advance(Duration.ofMillis(10));
            other.end(Outcome.SUCCESS);
            clock.advance(Duration.ofMillis(30));
            local.end(Outcome.SUCCESS);
        }
        tick(5);

        Set<Why> seen = EnumSet.noneOf(Why.class);
        for (int i = 0; i < 2000; i++) {
            seen.add(cluster.explain(REQUEST).routing().why());
        }

        assertThat(seen).containsExactlyInAnyOrder(Why.KEPT_LOCAL, Why.OVERLOAD, Why.PROBE);
        assertThat(cluster.explain(REQUEST).routing().zones().kept()).isLessThan(0.9);
    }

    @Test
    void panic_isSaid() {
        pods(2);
        Cluster cluster = publish(new P2cLeastRequest(random));
        failFiveTimes(cluster, endpoints.get(0));
        source.publish(ORDERS, endpoints.get(0));

        PickExplanation explanation = cluster.explain(REQUEST);

        assertThat(explanation.panic()).isTrue();
        assertThat(explanation.excluded()).isEmpty();
        assertThat(explanation.toString()).contains("(panic)");
    }

    @Test
    void explaining_takesNoProbeAndCountsNothing() {
        pods(3);
        Cluster cluster = publish(new P2cLeastRequest(random));
        failFiveTimes(cluster, endpoints.get(0));
        clock.advance(Duration.ofSeconds(2));
        tick(5);

        for (int i = 0; i < 3; i++) {
            PickExplanation explanation = explainedProbe(cluster);
            assertThat(explanation.picked()).isEqualTo(endpoints.get(0));
            assertThat(reasons(explanation)).isEqualTo(Map.of(endpoints.get(0), Reason.AWAITS_PROBE));
            assertThat(explanation.toString()).contains("10.0.0.1:80 as its probe after an ejection");
        }

        pickUntilProbe(cluster);
        for (int i = 0; i < 100; i++) {
            assertThat(cluster.explain(REQUEST).probe()).as("the turn is taken").isFalse();
        }
        assertThat(cluster.explain(REQUEST).drawn()).allMatch(drawn -> drawn.inFlight() == 0);
    }

    /** One in three requests is the probe of one of three endpoints. */
    private static PickExplanation explainedProbe(Cluster cluster) {
        return Stream.generate(() -> cluster.explain(REQUEST))
                .limit(1_000)
                .filter(PickExplanation::probe)
                .findFirst()
                .orElseThrow();
    }

    private static void pickUntilProbe(Cluster cluster) {
        boolean found = Stream.generate(() -> cluster.picker().pick(REQUEST))
                .limit(1_000)
                .anyMatch(Candidate::isProbe);
        assertThat(found).isTrue();
    }

    @Test
    void explaining_movesNoRoundRobinOn() {
        pods(5);
        Cluster cluster = publish(new RoundRobin(random));
        Endpoint first = cluster.picker().pick(REQUEST).endpoint();

        for (int i = 0; i < 3; i++) {
            cluster.explain(REQUEST);
        }

        int next = (endpoints.indexOf(first) + 1) % 5;
        assertThat(cluster.picker().pick(REQUEST).endpoint()).isEqualTo(endpoints.get(next));
    }

    @Test
    void clusterWithoutEndpoints_isExplainedByItsError() {
        Cluster cluster = cluster(ClusterSettings.of(new P2cLeastRequest(random)));

        PickExplanation explanation = cluster.explain(REQUEST);

        assertThat(explanation.picked()).isNull();
        assertThat(explanation.failure()).contains("has not answered yet");
        assertThat(explanation.toString())
                .startsWith("orders.shop:8080 at ")
                .contains(": nothing was picked: no endpoint");
    }

    @Test
    void text_isForPeople() {
        pods(2);
        pod(builder -> builder.health(EndpointHealth.UNHEALTHY));
        Cluster cluster = publish(new P2cLeastRequest(random));
        cluster.lease(candidate(cluster, endpoints.get(0)));

        assertThat(cluster.explain(REQUEST))
                .hasToString("""
                orders.shop:8080 at NOW: 10.0.0.2:80 by p2c-least-request
                  routing: priority 0 (100.0% of the requests), zones are not looked at: the own zone is not known
                  eligible: 2
                  drawn:
                    10.0.0.1:80: score 2.00, cost 1.00, 1 in flight, weight 1.00 = 1.00 control plane × 1.00 slow start × 1.00 error bias × 1.00 refusals
                    10.0.0.2:80: score 1.00, cost 1.00, 0 in flight, weight 1.00 = 1.00 control plane × 1.00 slow start × 1.00 error bias × 1.00 refusals; picked
                  excluded: 1
                    10.0.0.3:80: not ready""".replace("NOW", wallNow().toString()));
    }

    @Test
    void samples_areOfOneInN_andTheLastOnes() {
        pods(10);
        Cluster cluster = publish(new P2cLeastRequest(random));
        assertThat(cluster.samples()).isEmpty();

        cluster.startSampling(10, 50);
        List<Endpoint> picks = pick(cluster, 300);
        assertThat(cluster.samples().size()).isBetween(15, 50);
        picks.addAll(pick(cluster, 3000));

        assertThat(cluster.samples()).hasSize(50).allSatisfy(sample -> {
            assertThat(sample.drawn()).hasSize(2);
            assertThat(sample.failure()).isEmpty();
        });

        cluster.startSampling(1, 3);
        List<Endpoint> last = pick(cluster, 5);
        assertThat(cluster.samples().stream().map(PickExplanation::picked))
                .containsExactly(last.get(4), last.get(3), last.get(2));
        cluster.stopSampling();
        assertThat(cluster.samples()).isEmpty();
        pick(cluster, 5);
        assertThat(cluster.samples()).isEmpty();
    }

    @Test
    void samples_areAsFrequentAsSaid() {
        pods(10);
        Cluster cluster = publish(new P2cLeastRequest(random));
        cluster.startSampling(20, 10_000);

        pick(cluster, 20_000);

        assertThat((double) cluster.samples().size()).isCloseTo(1000, within(150.0));
    }

    @Test
    void sampledPick_isTheRealOne_probesFailuresAndRestrictionsIncluded() {
        pods(3);
        Cluster cluster = publish(new P2cLeastRequest(random));
        failFiveTimes(cluster, endpoints.get(0));
        clock.advance(Duration.ofSeconds(2));
        tick(5);
        cluster.startSampling(1, 10);

        pickUntilProbe(cluster);
        assertThat(cluster.samples().get(0).probe()).isTrue();
        assertThat(cluster.picker().pick(REQUEST).isProbe()).isFalse();
        assertThat(cluster.samples().get(0).probe()).isFalse();

        assertThatThrownBy(
                        () -> cluster.picker().restrictedTo(endpoint -> false).pick(REQUEST))
                .isInstanceOf(NoEndpointException.class);
        assertThat(cluster.samples().get(0).picked()).isNull();
        assertThat(cluster.samples().get(0).failure()).contains("no endpoint for orders.shop:8080");
        assertThat(reasons(cluster.samples().get(0))).containsEntry(endpoints.get(1), Reason.UNUSABLE_FOR_CALLER);
    }

    @Test
    void samplingOfNothing_isRefused() {
        Cluster cluster = publish(new RandomChoice(random));

        assertThatThrownBy(() -> cluster.startSampling(0, 10)).hasMessage("oneIn: 0 (expected: >= 1)");
        assertThatThrownBy(() -> cluster.startSampling(1, 0)).hasMessage("keep: 0 (expected: >= 1)");
    }

    private void pods(int count) {
        for (int i = 0; i < count; i++) {
            pod(builder -> builder);
        }
    }

    private void pod(Function<Endpoint.Builder, Endpoint.Builder> described) {
        endpoints.add(described
                .apply(Endpoint.builder("10.0.0." + (endpoints.size() + 1), 80))
                .build());
    }

    private Cluster publish(LoadBalancingStrategy strategy) {
        return publish(ClusterSettings.of(strategy));
    }

    private Cluster publish(SubsetSettings subset) {
        return publish(ClusterSettings.of(new RandomChoice(random)).withSubset(subset));
    }

    private Cluster publish(ClusterSettings settings) {
        Cluster cluster = cluster(settings);
        source.publish(ORDERS, endpoints.toArray(Endpoint[]::new));
        return cluster;
    }

    private Cluster cluster(ClusterSettings settings) {
        registry = ClusterRegistry.driven(source, resource -> settings, clock, random);
        registry.place(place);
        return registry.cluster(ORDERS);
    }

    private void tick(int ticks) {
        for (int i = 0; i < ticks; i++) {
            registry.tick();
        }
    }

    private Instant wallNow() {
        return Instant.EPOCH.plusNanos(clock.getAsLong());
    }

    private static List<Endpoint> pick(Cluster cluster, int picks) {
        List<Endpoint> picked = new ArrayList<>();
        for (int i = 0; i < picks; i++) {
            picked.add(cluster.picker().pick(REQUEST).endpoint());
        }
        return picked;
    }

    private static DrawnCandidate drawn(PickExplanation explanation, Endpoint endpoint) {
        return explanation.drawn().stream()
                .filter(drawn -> drawn.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow();
    }

    private static Map<Endpoint, Reason> reasons(PickExplanation explanation) {
        return explanation.excluded().stream().collect(Collectors.toMap(Exclusion::endpoint, Exclusion::reason));
    }

    private static Exclusion exclusion(PickExplanation explanation, Endpoint endpoint) {
        return explanation.excluded().stream()
                .filter(exclusion -> exclusion.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow();
    }

    private static Candidate candidate(Cluster cluster, Endpoint endpoint) {
        return cluster.picker()
                .restrictedTo(endpoint::equals)
                .plan()
                .groups()
                .get(0)
                .get(0);
    }

    private static void failFiveTimes(Cluster cluster, Endpoint endpoint) {
        for (int i = 0; i < 5; i++) {
            cluster.lease(candidate(cluster, endpoint)).end(Outcome.FAILURE);
        }
    }
}
