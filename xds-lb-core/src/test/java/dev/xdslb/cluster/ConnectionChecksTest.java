/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ConnectionResult;
import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What follows where connections are refused: looked at beside the requests. */
class ConnectionChecksTest {
    private static final String ORDERS = "orders.shop:8080";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final Set<String> down = new HashSet<>(); // who refuses to be connected to
    private final List<String> checked = new ArrayList<>();
    private final List<Consumer<ConnectionResult>> pending = new ArrayList<>();
    private Predicate<Endpoint> connects = endpoint -> !down.contains(endpoint.address());
    private boolean answersAtOnce = true;
    private PolicySettings policy = PolicySettings.DEFAULT;
    private final ClusterRegistry registry = ClusterRegistry.driven(
            source,
            resource -> ClusterSettings.of(new P2cLeastRequest(random)).withPolicy(policy),
            clock,
            random,
            this::check);
    private List<Endpoint> endpoints = List.of();
    private final Map<Endpoint, Candidate> known = new HashMap<>();

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void oneRefusal_isEnough_whileNoConnectionCanBeMade() {
        Cluster cluster = publish(10);
        down.add(address(0));
        refuse(cluster, 0);

        ticks(1_000);

        assertThat(picked(cluster, 500)).doesNotContain(endpoints.get(0));
        assertThat(reasons(cluster)).containsExactly(Reason.UNREACHABLE);
        assertThat(checked.stream().filter(address(0)::equals).count())
                .as("within 100 s: at 0, 1, 3, 7 s and then every 10 to 12 s")
                .isBetween(10L, 15L);
    }

    /** As a gRPC channel does that cannot connect: no request has failed. */
    @Test
    void failedConnectionBesideTheRequests_isLookedAt_andCountsOnlyWhereItIsTheEndpointsDoing() {
        Cluster cluster = publish(10);
        down.add(address(0));

        cluster.connectionFailed(endpoints.get(0).key());
        cluster.connectionFailed(endpoints.get(1).key()); // whose certificate that caller does not know, say
        cluster.connectionFailed(Endpoint.builder("10.9.9.9", 1).build().key()); // gone
        assertThat(reasons(cluster)).isEmpty();
        ticks(50);

        assertThat(reasons(cluster)).containsExactly(Reason.UNREACHABLE);
        assertThat(picked(cluster, 500)).doesNotContain(endpoints.get(0)).contains(endpoints.get(1));
    }

    @Test
    void endpointThatAcceptsAgain_isUsedByAllAtOnce_withoutAProbe() {
        Cluster cluster = publish(10);
        down.add(address(0));
        refuse(cluster, 0);
        ticks(1_000);

        down.clear();
        ticks(130);

        assertThat(reasons(cluster)).isEmpty();
        assertThat(cluster.picker().plan().isProbing()).isFalse();
        assertThat(picked(cluster, 500)).contains(endpoints.get(0));
    }

    @Test
    void endpointThatAcceptsAgainAndFails_isEjectedByItsFirstFailure_andLongerEachTime() {
        Cluster cluster = publish(10);
        down.add(address(0));
        refuse(cluster, 0);
        ticks(1_000);
        down.clear();
        ticks(130);

        fail(cluster, 0);
        assertThat(reasons(cluster)).containsExactly(Reason.EJECTED);
        ticks(9);
        assertThat(reasons(cluster)).containsExactly(Reason.EJECTED);
        ticks(9);
        assertThat(reasons(cluster)).as("probed as any that fails").containsExactly(Reason.AWAITS_PROBE);
        end(cluster, probe(cluster), Outcome.FAILURE);
        ticks(19);
        assertThat(reasons(cluster)).containsExactly(Reason.EJECTED);
    }

    @Test
    void sidecarThatAccepts_whileItsApplicationRefuses_isTreatedAsOneThatFails() {
        Cluster cluster = publish(10);
        for (int i = 0; i < 4; i++) {
            refuse(cluster, 0);
            ticks(16);
            assertThat(reasons(cluster))
                    .as("connects, so it is avoided for a second only")
                    .isEmpty();
        }
        refuse(cluster, 0);
        for (int seconds : new int[] {1, 2, 4}) {
            ticks(seconds * 10 - 1);
            assertThat(reasons(cluster)).containsExactly(Reason.EJECTED);
            ticks(seconds * 2 + 10);
            assertThat(reasons(cluster)).containsExactly(Reason.AWAITS_PROBE);
            end(cluster, probe(cluster), Outcome.CONNECTION_FAILURE);
        }
    }

    @Test
    void ejectedByManyRefusals_comesBackWithoutAProbe_onceItAccepts() {
        Cluster cluster = publish(10);
        down.add(address(0));
        for (int i = 0; i < 8; i++) {
            refuse(cluster, 0);
        }
        ticks(600);
        assertThat(reasons(cluster)).containsExactly(Reason.EJECTED);
        assertThat(cluster.picker().plan().isProbing()).isFalse();

        down.clear();
        ticks(130);
        assertThat(reasons(cluster)).isEmpty();
    }

    @Test
    void manyDead_areFoundWithoutARequestForEach_andOneAsksFewOthers() {
        Cluster cluster = publish(200);
        refuse(cluster, 0); // it is up again when it is looked at
        ticks(100);
        assertThat(checked).hasSize(1);

        down.add(address(0));
        refuse(cluster, 0);
        ticks(100);
        assertThat(new HashSet<>(checked)).as("itself and ten others").hasSizeLessThanOrEqualTo(11);

        for (int i = 0; i < 80; i++) {
            down.add(address(i));
        }
        ticks(400);
        refuse(cluster, 1);
        ticks(100);
        assertThat(reasons(cluster)).hasSize(80);
        assertThat(picked(cluster, 1_000)).noneMatch(endpoint -> down.contains(endpoint.address()));
    }

    @Test
    void moreThanHalfThatCannotBeReached_isNoPanic_andTakesNobodysRoom() {
        Cluster cluster = publish(10);
        for (int i = 0; i < 7; i++) {
            down.add(address(i));
        }
        refuse(cluster, 0);
        ticks(100);
        assertThat(cluster.picker().plan().isPanic()).isFalse();
        assertThat(cluster.picker().plan().eligible()).isEqualTo(3);

        for (int i = 0; i < 5; i++) {
            fail(cluster, 7);
        }
        assertThat(cluster.picker().plan().eligible()).isEqualTo(2);
    }

    @Test
    void allThatCannotBeReached_areUsedAllTheSame() {
        Cluster cluster = publish(3);
        connects = endpoint -> true;
        refuse(cluster, 0);
        ticks(20); // one check has succeeded
        connects = endpoint -> false;
        for (int i = 0; i < 3; i++) {
            refuse(cluster, i);
        }
        ticks(50);

        assertThat(picked(cluster, 100)).hasSize(3);
    }

    @Test
    void checksThatNeverSucceed_areNotBelieved() {
        Cluster cluster = publish(10);
        connects = endpoint -> false; // as where requests go through a proxy
        refuse(cluster, 0);

        ticks(100);

        assertThat(reasons(cluster)).isEmpty();
        assertThat(picked(cluster, 500)).contains(endpoints.get(0));
    }

    @Test
    void requestThatSucceedsWhereTheCheckFails_takesTheBeliefAway() {
        Cluster cluster = publish(3);
        down.add(address(0));
        refuse(cluster, 0);
        ticks(50);
        assertThat(reasons(cluster)).containsExactly(Reason.UNREACHABLE);

        end(cluster, candidate(cluster, 0), Outcome.SUCCESS);
        ticks(3);

        assertThat(reasons(cluster)).isEmpty();
    }

    @Test
    void requestsFromBefore_thatStillSucceed_proveNothing() {
        Cluster cluster = publish(3);
        Candidate candidate = cluster.picker().plan().groups().get(0).get(0);
        long begun = cluster.begin(candidate);
        down.add(candidate.endpoint().address());
        end(cluster, candidate, Outcome.CONNECTION_FAILURE);
        ticks(5);
        cluster.end(candidate, begun, Outcome.SUCCESS);
        ticks(5);

        assertThat(reasons(cluster)).containsExactly(Reason.UNREACHABLE);
    }

    @Test
    void endpointThatGoesWhileItIsChecked_leavesNothingBehind() {
        Cluster cluster = publish(30);
        answersAtOnce = false;
        for (int i = 0; i < 30; i++) {
            refuse(cluster, i);
        }
        ticks(10);
        assertThat(pending).as("at the same time").hasSize(16);

        source.publish(ORDERS, endpoints.get(29));
        List<Consumer<ConnectionResult>> old = List.copyOf(pending);
        old.forEach(result -> result.accept(ConnectionResult.FAILED));
        old.forEach(result -> result.accept(ConnectionResult.CONNECTED)); // told twice
        pending.clear();
        answersAtOnce = true;
        ticks(20);

        assertThat(picked(cluster, 10)).containsExactly(endpoints.get(29));
        publish(30);
        down.add(address(3));
        refuse(cluster, 3);
        ticks(30);
        assertThat(reasons(cluster)).contains(Reason.UNREACHABLE);
    }

    @Test
    void resultAfterTheEnd_isOfNoConsequence() {
        Cluster cluster = publish(2);
        answersAtOnce = false;
        refuse(cluster, 0);
        ticks(1);
        registry.close();

        pending.get(0).accept(ConnectionResult.FAILED);

        assertThat(cluster.endpoints()).isEmpty();
    }

    @Test
    void checkThatCannotBeMade_leavesTheDecisionToRequests() {
        Cluster cluster = publish(3);
        connects = endpoint -> {
            throw new OutOfMemoryError("unable to create native thread");
        };
        refuse(cluster, 0);
        ticks(20);

        assertThat(reasons(cluster)).isEmpty();
    }

    @Test
    void switchedOff_checksNothing() {
        policy = policy.withEjection(
                new EjectionSettings(5, 0.5, 10, Duration.ofSeconds(1), Duration.ofSeconds(30), 0.5, 0.02, false));
        Cluster cluster = publish(3);
        down.add(address(0));
        refuse(cluster, 0);
        ticks(100);

        assertThat(checked).isEmpty();
        assertThat(reasons(cluster)).isEmpty();
    }

    @Test
    void withoutAvoidance_checksNothing() {
        policy = policy.withAvoidance(Duration.ZERO);
        Cluster cluster = publish(3);
        refuse(cluster, 0);
        ticks(100);

        assertThat(checked).isEmpty();
    }

    @Test
    void requestThatTellsNoOutcome_isNeverAProbe() {
        Cluster cluster = publish(3);
        for (int i = 0; i < 5; i++) {
            fail(cluster, 0);
        }
        ticks(20);
        RequestAttributes byHand = new RequestAttributes() {
            @Override
            public String header(String name) {
                return "";
            }

            @Override
            public String path() {
                return "";
            }

            @Override
            public boolean tellsOutcome() {
                return false;
            }
        };

        for (int i = 0; i < 1_000; i++) {
            assertThat(cluster.picker().pick(byHand).isProbe()).isFalse();
            assertThat(cluster.explain(byHand).probe()).isFalse();
        }
        cluster.startSampling(1, 1);
        for (int i = 0; i < 1_000; i++) {
            assertThat(cluster.picker().pick(byHand).isProbe()).isFalse();
        }
        end(cluster, probe(cluster), Outcome.SUCCESS);
        assertThat(reasons(cluster)).isEmpty();
    }

    private void check(Endpoint endpoint, Consumer<ConnectionResult> result) {
        checked.add(endpoint.address());
        if (answersAtOnce) {
            result.accept(connects.test(endpoint) ? ConnectionResult.CONNECTED : ConnectionResult.FAILED);
        } else {
            pending.add(result);
        }
    }

    private Cluster publish(int count) {
        List<Endpoint> made = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            made.add(Endpoint.builder("10.0.0." + (i + 1), 8080)
                    .pod("pod-" + i, "uid-" + i)
                    .build());
        }
        endpoints = made;
        known.clear();
        Cluster cluster = registry.cluster(ORDERS);
        source.publish(ORDERS, made.toArray(Endpoint[]::new));
        return cluster;
    }

    private String address(int number) {
        return endpoints.isEmpty()
                ? "10.0.0." + (number + 1) + ":8080"
                : endpoints.get(number).address();
    }

    private void ticks(int count) {
        for (int i = 0; i < count; i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }

    private void refuse(Cluster cluster, int number) {
        end(cluster, candidate(cluster, number), Outcome.CONNECTION_FAILURE);
    }

    private void fail(Cluster cluster, int number) {
        end(cluster, candidate(cluster, number), Outcome.FAILURE);
    }

    private static void end(Cluster cluster, Candidate candidate, Outcome outcome) {
        cluster.lease(candidate).end(outcome);
    }

    /** The candidate of an endpoint, as a request had it that was sent before anything was known. */
    private Candidate candidate(Cluster cluster, int number) {
        Endpoint endpoint = endpoints.get(number);
        return known.computeIfAbsent(endpoint, key -> find(cluster, key));
    }

    private static Candidate find(Cluster cluster, Endpoint endpoint) {
        return cluster.picker()
                .restrictedTo(endpoint::equals)
                .plan()
                .groups()
                .get(0)
                .get(0);
    }

    private static Candidate probe(Cluster cluster) {
        for (int i = 0; i < 1_000; i++) {
            Candidate picked = cluster.picker().pick(RequestAttributes.NONE);
            if (picked.isProbe()) {
                return picked;
            }
        }
        throw new AssertionError("no probe in 1,000 picks");
    }

    private static Set<Endpoint> picked(Cluster cluster, int times) {
        Set<Endpoint> picked = new HashSet<>();
        for (int i = 0; i < times; i++) {
            picked.add(cluster.picker().pick(RequestAttributes.NONE).endpoint());
        }
        return picked;
    }

    private static List<Reason> reasons(Cluster cluster) {
        return cluster.picker().plan().exclusions().stream()
                .map(Exclusion::reason)
                .toList();
    }
}
