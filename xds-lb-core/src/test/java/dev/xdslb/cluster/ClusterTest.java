/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ClusterTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A =
            Endpoint.builder("10.0.0.1", 8080).pod("a", "uid-a").build();
    private static final Endpoint B =
            Endpoint.builder("10.0.0.2", 8080).pod("b", "uid-b").build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock);
    private final RandomGenerator random = Randoms.seeded();
    private final List<Runnable> fallbackCalls = new ArrayList<>();

    @Test
    void beforeTheFirstAnswer_nothingIsSettledAndTheErrorSaysWhoIsWaitedFor() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);

        assertThat(cluster.isSettled()).isFalse();
        assertThatThrownBy(() -> pick(cluster))
                .isInstanceOf(NoEndpointException.class)
                .hasMessage("no endpoint for orders.shop:8080: control plane fake:18000 has not answered yet");
    }

    @Test
    void firstSnapshot_settlesAndIsPickedFrom() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);

        source.publish(ORDERS, A);

        assertThat(cluster.isSettled()).isTrue();
        assertThat(cluster.status().state()).isEqualTo(State.LIVE);
        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void sourceThatStaysSilent_isGivenUpAfterTheInitialFetchTimeout() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        clock.advance(Duration.ofMillis(4_999));
        cluster.slowTick();
        assertThat(cluster.isSettled()).isFalse();

        clock.advance(Duration.ofMillis(1));
        cluster.slowTick();

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("has not answered within 5s");
    }

    @Test
    void unreachableSource_failsRequestsAtOnceWithItsReason() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);

        source.watcher(ORDERS).onUnavailable("control plane fake:18000: connection refused");

        assertThat(cluster.isSettled()).isTrue();
        assertThat(cluster.status().state()).isEqualTo(State.UNAVAILABLE);
        assertThatThrownBy(() -> pick(cluster))
                .hasMessage("no endpoint for orders.shop:8080: control plane fake:18000: connection refused");
    }

    @Test
    void sourceThatBecomesUnreachableLater_leavesTheLastGoodSnapshotInUse() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A);

        source.watcher(ORDERS).onUnavailable("connection lost");

        assertThat(cluster.status().state()).isEqualTo(State.LIVE);
        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void serviceThatIsCertainlyGone_isNotSentToAnyMore() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A);

        source.watcher(ORDERS).onAbsent("no Service \"orders\" in namespace \"shop\"");

        assertThat(cluster.status().state()).isEqualTo(State.ABSENT);
        assertThatThrownBy(() -> pick(cluster))
                .hasMessage("no endpoint for orders.shop:8080: no Service \"orders\" in namespace \"shop\"");
        assertThat(loads.size()).isZero();
    }

    @Test
    void serviceThatComesLater_isPickedUp() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.watcher(ORDERS).onAbsent("no such Service");

        source.publish(ORDERS, A);

        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void emptyAndUnreadyServices_failWithDifferentReasons() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);

        source.publish(ORDERS);
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("scaled to zero");

        source.publish(
                ORDERS,
                Endpoint.builder("10.0.0.1", 8080)
                        .health(EndpointHealth.UNHEALTHY)
                        .build());
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("of 1 endpoints none is ready");
    }

    @Test
    void loadAndEjection_surviveASnapshotThatReordersAndReweighs() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A, B);
        Lease open = cluster.lease(pickOf(cluster, A));
        failFiveTimes(cluster, B);

        Endpoint heavierA =
                Endpoint.builder("10.0.0.1", 8080).pod("a", "uid-a").weight(5).build();
        source.publish(ORDERS, B, heavierA);

        assertThat(cluster.picker().plan().eligible()).isEqualTo(1);
        assertThat(pick(cluster).endpoint()).isEqualTo(heavierA);
        assertThat(pick(cluster).endpointLoad().inFlight()).isEqualTo(1);
        open.end(Outcome.SUCCESS);
        assertThat(pick(cluster).endpointLoad().inFlight()).isZero();
    }

    @Test
    void ejection_isPublishedAtOnce_andEndedByTheTick() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A, B);
        List<Integer> published = new ArrayList<>();
        cluster.onPublish(() -> published.add(cluster.picker().plan().eligible()));

        failFiveTimes(cluster, B);
        assertThat(published).containsExactly(1);

        clock.advance(Duration.ofMillis(1_300));
        cluster.slowTick();
        Candidate probe = pick(cluster);
        assertThat(probe.endpoint()).isEqualTo(B);
        cluster.lease(probe).end(Outcome.SUCCESS);

        assertThat(published).containsExactly(1, 1, 2);
    }

    @Test
    void panic_isOverWhenWhatFailedWorksAgain() {
        Endpoint c = Endpoint.builder("10.0.0.3", 8080).pod("c", "uid-c").build();
        Endpoint d = Endpoint.builder("10.0.0.4", 8080).pod("d", "uid-d").build();
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A, B, c, d);
        failFiveTimes(cluster, A);
        failFiveTimes(cluster, B);
        source.publish(ORDERS, A, B, c);
        assertThat(cluster.picker().plan().isPanic()).isTrue();

        for (int i = 0; i < 20; i++) {
            clock.advance(Duration.ofMillis(500));
            loads.slowTick();
            cluster.slowTick();
            cluster.lease(pick(cluster)).end(Outcome.SUCCESS);
        }

        assertThat(cluster.picker().plan().isPanic()).isFalse();
        assertThat(cluster.picker().plan().eligible()).isEqualTo(3);
    }

    @Test
    void restrictedPicker_usesOnlyWhatTheCallerCanReach() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A, B);

        ClusterPicker onlyB = cluster.picker().restrictedTo(B::equals);

        for (int i = 0; i < 20; i++) {
            assertThat(onlyB.pick(RequestAttributes.NONE).endpoint()).isEqualTo(B);
        }
    }

    @Test
    void fallback_isUsedWhileTheSourceNeverAnswered_andLeftWhenItDoes() {
        Cluster cluster = cluster(resource -> List.of(B));
        source.watcher(ORDERS).onUnavailable("connection refused");
        assertThat(cluster.isSettled()).as("before the fallback has answered").isFalse();

        runFallbacks();

        assertThat(cluster.isSettled()).isTrue();
        assertThat(cluster.status().state()).isEqualTo(State.FALLBACK);
        assertThat(pick(cluster).endpoint()).isEqualTo(B);

        source.publish(ORDERS, A);
        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void fallbackInUse_isGivenUpWhereTheSourceIsCertainThatThereIsNone_andTheFallbackKnowsNoneEither() {
        List<Endpoint> known = new ArrayList<>(List.of(B));
        Cluster cluster = cluster(resource -> List.copyOf(known));
        source.watcher(ORDERS).onUnavailable("connection refused");
        runFallbacks();
        assertThat(pick(cluster).endpoint()).isEqualTo(B);

        source.watcher(ORDERS).onAbsent("no such service");
        runFallbacks();
        assertThat(pick(cluster).endpoint()).as("the fallback still knows it").isEqualTo(B);

        known.clear();
        source.watcher(ORDERS).onAbsent("no such service");
        runFallbacks();
        assertThat(cluster.status().state()).isEqualTo(State.ABSENT);
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("no such service");
    }

    @Test
    void fallbackInUse_isKeptWhereItKnowsNothingForOnce_andTheSourceIsAway() {
        List<Endpoint> known = new ArrayList<>(List.of(B));
        Cluster cluster = cluster(resource -> List.copyOf(known));
        source.watcher(ORDERS).onUnavailable("connection refused");
        runFallbacks();

        known.clear();
        source.watcher(ORDERS).onUnavailable("connection reset");
        runFallbacks();

        assertThat(cluster.status().state()).isEqualTo(State.FALLBACK);
        assertThat(pick(cluster).endpoint()).isEqualTo(B);
    }

    @Test
    void fallbackThatAnswersTooLate_doesNotReplaceTheSnapshot() {
        Cluster cluster = cluster(resource -> List.of(B));
        source.watcher(ORDERS).onUnavailable("connection refused");
        source.publish(ORDERS, A);

        runFallbacks();

        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void fallbackThatKnowsNothingOrFails_leavesTheSourcesReason() {
        Cluster cluster = cluster(resource -> {
            throw new IllegalStateException("registry is down");
        });
        source.watcher(ORDERS).onUnavailable("connection refused");

        runFallbacks();

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("connection refused");
    }

    @Test
    void fallbackThatReturnsNull_hasFailed_andKeepsNobodyWaiting() {
        Cluster cluster = cluster(resource -> nothing());
        source.watcher(ORDERS).onUnavailable("connection refused");

        runFallbacks();

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("connection refused");
    }

    @Test
    void fallbackThatNamesAnEndpointTwice_countsOnce_andIsForgotten() {
        Cluster cluster = cluster(resource -> List.of(A, B, A));
        source.watcher(ORDERS).onUnavailable("connection refused");
        runFallbacks();

        assertThat(cluster.endpoints()).containsExactly(A, B);

        source.publish(ORDERS, B);
        assertThat(loads.size()).isEqualTo(1);
    }

    @Test
    void fallbackInUse_isAskedAgainNowAndThen() {
        List<Endpoint> known = new ArrayList<>(List.of(A));
        Cluster cluster = cluster(resource -> List.copyOf(known));
        source.watcher(ORDERS).onAbsent("no such Service");
        runFallbacks();
        known.set(0, B);

        clock.advance(Duration.ofSeconds(29));
        cluster.slowTick();
        runFallbacks();
        assertThat(pick(cluster).endpoint()).isEqualTo(A);

        clock.advance(Duration.ofSeconds(1));
        cluster.slowTick();
        runFallbacks();
        assertThat(pick(cluster).endpoint()).isEqualTo(B);
    }

    @Test
    void strategyThatFails_leavesTheLastPickerInUse() {
        List<Pool> pools = new ArrayList<>();
        LoadBalancingStrategy failing = new LoadBalancingStrategy() {
            @Override
            public String name() {
                return "failing";
            }

            @Override
            public Picker picker(Pool pool) {
                pools.add(pool);
                if (pools.size() > 1) {
                    throw new IllegalStateException("a bug of the strategy's");
                }
                return request -> pool.get(0);
            }
        };
        Cluster cluster = cluster(
                new ClusterSettings(failing, PolicySettings.DEFAULT, Duration.ofSeconds(5), FallbackEndpoints.NONE));
        source.publish(ORDERS, A);

        source.publish(ORDERS, A, B);

        assertThat(pools).hasSize(2);
        assertThat(pick(cluster).endpoint()).isEqualTo(A);
    }

    @Test
    void twoFallbacks_areAskedInTurn() {
        FallbackEndpoints first = resource -> List.of();

        assertThat(first.orElse(resource -> List.of(A)).endpoints(ORDERS)).containsExactly(A);
    }

    @Test
    void closedCluster_watchesNoMoreAndForgetsItsLoad() {
        Cluster cluster = cluster(FallbackEndpoints.NONE);
        source.publish(ORDERS, A);
        Lease open = cluster.lease(pick(cluster));

        cluster.close();
        source.publish(ORDERS, A, B);

        assertThat(source.closed()).containsExactly(ORDERS);
        assertThat(cluster.endpoints()).isEmpty();
        open.end(Outcome.SUCCESS);
        loads.slowTick();
        assertThat(loads.size()).isZero();
    }

    private Cluster cluster(FallbackEndpoints fallback) {
        return cluster(new ClusterSettings(
                new P2cLeastRequest(random), PolicySettings.DEFAULT, Duration.ofSeconds(5), fallback));
    }

    private Cluster cluster(ClusterSettings settings) {
        ClusterContext context = new ClusterContext(
                source,
                source.description(),
                (resource, policy) -> settings,
                new ClusterRoster(ClusterLifetime.DEFAULT, clock),
                ClientPlace.UNKNOWN,
                loads,
                clock,
                InstantSource.system(),
                random,
                fallbackCalls::add,
                Deadlines.BY_TICK,
                ConnectionCheck.NONE,
                new ForeignStrategies(Runnable::run),
                new Faults(clock));
        Cluster cluster = new Cluster(ORDERS, context);
        cluster.use();
        return cluster;
    }

    private void runFallbacks() {
        List<Runnable> calls = List.copyOf(fallbackCalls);
        fallbackCalls.clear();
        calls.forEach(Runnable::run);
    }

    @SuppressWarnings("NullAway") // a fallback is somebody else's code
    private static List<Endpoint> nothing() {
        return null;
    }

    private static Candidate pick(Cluster cluster) {
        return cluster.picker().pick(RequestAttributes.NONE);
    }

    private static Candidate pickOf(Cluster cluster, Endpoint endpoint) {
        return cluster.picker().restrictedTo(endpoint::equals).pick(RequestAttributes.NONE);
    }

    private static void failFiveTimes(Cluster cluster, Endpoint endpoint) {
        for (int i = 0; i < 5; i++) {
            cluster.lease(pickOf(cluster, endpoint)).end(Outcome.FAILURE);
        }
    }
}
