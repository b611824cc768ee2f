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
import dev.xdslb.cluster.EndpointSource.Place;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.endpoint.EndpointKey;
import dev.xdslb.endpoint.Locality;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RingHash;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A cluster that uses a part of its endpoints. */
class EndpointsPerClientTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final LoadBalancingStrategy leastRequest = new P2cLeastRequest(random);
    private final LoadBalancingStrategy ringHash = new RingHash(HashSettings.of(request -> "key"), random);
    private EndpointsPerClient endpointsPerClient = EndpointsPerClient.of(20);
    private final ClusterRegistry registry = registry("uid-client");
    private final Cluster cluster = registry.cluster(ORDERS);

    @Test
    void requests_goToTheSubsetOnly_andNothingIsRememberedOfTheOthers() {
        source.publish(ORDERS, pods(200));

        Set<EndpointKey> picked = new HashSet<>();
        for (int i = 0; i < 5_000; i++) {
            picked.add(pick().endpoint().key());
        }

        assertThat(picked).isEqualTo(used()).hasSize(20);
        assertThat(registry.remembered()).isEqualTo(20);
        assertThat(cluster.endpoints()).hasSize(200);
    }

    @Test
    void sameClient_usesTheSameAfterARestart_andAnotherOneOthers() {
        source.publish(ORDERS, pods(200));
        Set<EndpointKey> before = used();

        Cluster restarted = registry("uid-client").cluster(ORDERS);
        source.publish(ORDERS, pods(200));
        Cluster other = registry("uid-other").cluster(ORDERS);
        source.publish(ORDERS, pods(200));

        assertThat(used(restarted)).isEqualTo(before);
        assertThat(used(other)).isNotEqualTo(before);
    }

    @Test
    void clientThatSleptAndWoke_usesTheSame() {
        source.publish(ORDERS, pods(200));
        Set<EndpointKey> before = used();
        for (int tick = 0; tick < 10; tick++) {
            clock.advance(ClusterLifetime.DEFAULT.idleTimeout());
            registry.tick();
        }
        assertThat(registry.clusters()).isEmpty();

        cluster.isSettled();
        source.publish(ORDERS, pods(200));

        assertThat(used()).isEqualTo(before);
    }

    @Test
    void sizeThatChangesAtRunTime_keepsTheLoadOfThoseThatStay() {
        source.publish(ORDERS, pods(200));
        Lease open = cluster.lease(pick());
        EndpointKey busy = open.load().key();
        Set<EndpointKey> before = used();

        for (EndpointsPerClient size :
                List.of(EndpointsPerClient.of(40), EndpointsPerClient.ALL, EndpointsPerClient.of(20))) {
            endpointsPerClient = size;
            registry.settingsChanged();
            assertThat(used()).containsAll(before).hasSize(size.number() == 0 ? 200 : size.number());
            assertThat(inFlight(busy)).isEqualTo(1);
        }

        open.end(Outcome.SUCCESS);
        assertThat(inFlight(busy)).isZero();
    }

    @Test
    void auto_waitsUntilTheClientsAreKnown() {
        ClusterRegistry asking = registry("uid-client");
        asking.locate("", "");
        endpointsPerClient = EndpointsPerClient.AUTO;
        Cluster orders = asking.cluster(ORDERS);
        source.publish(ORDERS, pods(500));
        assertThat(used(orders)).hasSize(500);
        assertThat(orders.picker().clientSubset().parts().get(0).why()).contains("own-service");

        source.place().onPlace(new Place(new Locality("", "a", ""), List.of("checkout.shop"), Map.of("a", 300)));
        tickSlowly(asking);
        assertThat(used(orders)).hasSize(64); // 20 × 500 / 300 = 33

        source.place().onPlace(new Place(new Locality("", "a", ""), List.of("checkout.shop"), Map.of()));
        tickSlowly(asking);
        assertThat(used(orders)).as("none is ready just now").hasSize(64);
    }

    @Test
    void memberThatIsEjected_isReplaced_andUsedAgainWhenItIsWell() {
        source.publish(ORDERS, pods(200));
        for (int i = 0; i < 1_000; i++) {
            cluster.lease(pick()).end(Outcome.SUCCESS);
        }
        tickSlowly(registry);
        Set<EndpointKey> before = used();
        Endpoint failing = pick().endpoint();
        for (int i = 0; i < 5; i++) {
            cluster.lease(cluster.picker().restrictedTo(failing::equals).pick(RequestAttributes.NONE))
                    .end(Outcome.FAILURE);
        }
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);

        tickSlowly(registry);

        assertThat(used()).containsAll(before).hasSize(21);
        assertThat(cluster.picker().plan().eligible()).isEqualTo(20);
        assertThat(slowStartOf(difference(used(), before))).as("the pod is old").isEqualTo(1);
        for (int i = 0; i < 60 * 10; i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
            cluster.lease(pick()).end(Outcome.SUCCESS);
        }
        assertThat(used()).isEqualTo(before);
    }

    @Test
    void allMembersThatFail_areReplacedByAtMostAsMany_andRequestsGoOn() {
        source.publish(ORDERS, pods(1_000));
        for (int i = 0; i < 2_000; i++) {
            cluster.lease(pick()).end(Outcome.FAILURE);
            if (i % 20 == 0) {
                tickSlowly(registry);
            }
        }

        assertThat(used().size()).isBetween(20, 40);
    }

    @Test
    void rollOut_neverPanics() {
        List<Endpoint> pods = new ArrayList<>(List.of(pods(100)));
        source.publish(ORDERS, pods.toArray(Endpoint[]::new));
        for (int i = 0; i < 100; i += 10) { // ten at a time: unready, ready; the old ones drain and go
            for (int j = i; j < i + 10; j++) {
                pods.add(pod(1_000 + j).health(EndpointHealth.UNHEALTHY).build());
            }
            source.publish(ORDERS, pods.toArray(Endpoint[]::new));
            assertWell();
            for (int j = i; j < i + 10; j++) {
                pods.remove(pods.size() - 10 + j - i);
                pods.add(pods.size() - 9 + j - i, pod(1_000 + j).build());
                pods.set(0, pod(j).health(EndpointHealth.DRAINING).build());
                source.publish(ORDERS, pods.toArray(Endpoint[]::new));
                assertWell();
                pods.remove(0);
                source.publish(ORDERS, pods.toArray(Endpoint[]::new));
                assertWell();
            }
        }
    }

    @Test
    void snapshotInWhichOnlyTheHealthChanges_changesTheSubset() {
        source.publish(ORDERS, pods(200));
        Set<EndpointKey> before = used();
        Endpoint[] changed = pods(200);
        for (int i = 0; i < 200; i++) {
            if (before.contains(changed[i].key())) {
                changed[i] = pod(i).health(EndpointHealth.UNHEALTHY).build();
            }
        }

        source.publish(ORDERS, changed);

        assertThat(cluster.picker().plan().eligible()).isEqualTo(20);
        assertThat(before).doesNotContain(pick().endpoint().key());
    }

    @Test
    void zones_getWhatTheyGetWithoutASubset() {
        registry.place(ClientPlace.inZone("a"));
        Endpoint[] pods = IntStream.range(0, 300)
                .mapToObj(i -> pod(i).locality(new Locality("", i < 60 ? "a" : i < 140 ? "b" : "c", ""))
                        .build())
                .toArray(Endpoint[]::new);
        endpointsPerClient = EndpointsPerClient.ALL;
        registry.settingsChanged();
        source.publish(ORDERS, pods);
        Map<String, Double> all = shares();

        endpointsPerClient = EndpointsPerClient.of(20);
        registry.settingsChanged();

        assertThat(used()).hasSize(40); // 20 of the own zone, 20 of the others
        assertThat(all.get("a")).isCloseTo(0.57, within(0.03)); // 0.2 / 0.333, less what is to be compared with
        for (String zone : List.of("a", "b", "c")) {
            assertThat(shares().get(zone)).as(zone).isCloseTo(all.get(zone), within(0.03));
        }
    }

    @Test
    void lowerPriority_takesOverAsWithoutASubset() {
        Endpoint[] pods = IntStream.range(0, 400)
                .mapToObj(i -> pod(i).priority(i < 200 ? 0 : 1)
                        .health(i < 100 ? EndpointHealth.UNHEALTHY : EndpointHealth.HEALTHY)
                        .build())
                .toArray(Endpoint[]::new);
        endpointsPerClient = EndpointsPerClient.of(40);
        registry.settingsChanged();
        source.publish(ORDERS, pods);

        int first = 0;
        for (int i = 0; i < 20_000; i++) {
            first += pick().endpoint().priority() == 0 ? 1 : 0;
        }

        assertThat(first / 20_000.0).isCloseTo(0.7, within(0.02)); // 1.4 × one half
    }

    @Test
    void explanation_namesThoseOutside() {
        source.publish(ORDERS, pods(200));

        PickExplanation explanation = cluster.explain(RequestAttributes.NONE);

        assertThat(explanation.eligible()).isEqualTo(20);
        assertThat(explanation.excluded())
                .hasSize(180)
                .allMatch(exclusion -> exclusion.reason() == Reason.OUTSIDE_CLIENT_SUBSET);
        assertThat(explanation).asString().contains("outside the subset of this client");
    }

    @Test
    void strategyThatNeedsAllEndpoints_isRefused() {
        PolicySettings policy = PolicySettings.DEFAULT.withEndpointsPerClient(EndpointsPerClient.AUTO);

        assertThatThrownBy(() -> ClusterSettings.of(ringHash).withPolicy(policy))
                .hasMessageContainingAll("endpointsPerClient: auto", "expected: off", "ring-hash");
    }

    @Test
    void strategyOfThePolicy_thatNeedsAllEndpoints_isNotUsed_andThatIsSaid() {
        source.publish(ORDERS, pods(200));

        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("ring-hash"), pods(201));

        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
        assertThat(used()).hasSize(20);
        assertThat(registry.faults()).singleElement().asString().contains("its settings", "ring-hash");
    }

    @Test
    void noEndpoints_areNone() {
        source.publish(ORDERS);
        assertThatThrownBy(this::pick).isInstanceOf(NoEndpointException.class);
        source.publish(ORDERS, pod(1).health(EndpointHealth.UNHEALTHY).build());
        assertThatThrownBy(this::pick).hasMessageContaining("of 1 endpoints none is ready");
    }

    private ClusterRegistry registry(String clientId) {
        ClusterRegistry made = ClusterRegistry.driven(
                source, this::settings, ClusterLifetime.DEFAULT, clock, random, ConnectionCheck.NONE);
        made.identify(clientId, "shop", "checkout-1");
        return made;
    }

    private ClusterSettings settings(String resource, ServicePolicy policy) {
        return ClusterSettings.of("ring-hash".equals(policy.strategy()) ? ringHash : leastRequest)
                .withPolicy(PolicySettings.DEFAULT.withEndpointsPerClient(endpointsPerClient));
    }

    private Candidate pick() {
        return cluster.picker().pick(RequestAttributes.NONE);
    }

    private void assertWell() {
        assertThat(cluster.picker().plan().isPanic()).isFalse();
        assertThat(cluster.picker().plan().eligible()).isEqualTo(20);
    }

    private void tickSlowly(ClusterRegistry ticked) {
        for (int i = 0; i < 5; i++) {
            clock.advance(ClusterRegistry.TICK);
            ticked.tick();
        }
    }

    private Map<String, Double> shares() {
        Map<String, Double> shares = new HashMap<>();
        for (int i = 0; i < 20_000; i++) {
            shares.merge(pick().endpoint().locality().zone(), 1 / 20_000.0, Double::sum);
        }
        return shares;
    }

    private double slowStartOf(EndpointKey key) {
        Pool pool = cluster.picker().plan().groups().get(0);
        return IntStream.range(0, pool.size())
                .mapToObj(pool::get)
                .filter(candidate -> candidate.endpoint().key().equals(key))
                .findFirst()
                .orElseThrow()
                .weightFactors()
                .slowStart();
    }

    private int inFlight(EndpointKey key) {
        return cluster.picker().members().stream()
                .filter(member -> member.endpoint().key().equals(key))
                .findFirst()
                .orElseThrow()
                .load()
                .inFlight();
    }

    private Set<EndpointKey> used() {
        return used(cluster);
    }

    private static Set<EndpointKey> used(Cluster of) {
        return of.picker().endpoints().stream().map(Endpoint::key).collect(Collectors.toSet());
    }

    private static EndpointKey difference(Set<EndpointKey> more, Set<EndpointKey> fewer) {
        Set<EndpointKey> rest = new HashSet<>(more);
        rest.removeAll(fewer);
        return rest.iterator().next();
    }

    private static Endpoint[] pods(int number) {
        return IntStream.range(0, number).mapToObj(i -> pod(i).build()).toArray(Endpoint[]::new);
    }

    private static Endpoint.Builder pod(int number) {
        return Endpoint.builder("10.0." + number / 250 + '.' + number % 250, 8080)
                .pod("orders-" + number, "uid-" + number)
                .readySince(Instant.EPOCH.minus(Duration.ofHours(1)));
    }
}
