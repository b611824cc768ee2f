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
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RequestKey;
import dev.xdslb.strategy.RingHash;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What an operator changes about one cluster in this process, for a while. */
class ClusterOverridesTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Endpoint A = pod("10.0.0.1", "uid-a");
    private static final Endpoint B = pod("10.0.0.2", "uid-b");
    private static final Endpoint C = pod("10.0.0.3", "uid-c");

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final LoadBalancingStrategy leastRequest = new P2cLeastRequest(random);
    private final LoadBalancingStrategy ewma = new P2cEwma(random);
    private final LoadBalancingStrategy roundRobin = new RoundRobin();
    private PolicySettings policies = PolicySettings.DEFAULT;
    private @Nullable SubsetSettings subset;
    private boolean configured = true;
    private final ClusterRegistry registry = ClusterRegistry.driven(
            source, new Provider(), ClusterLifetime.DEFAULT, clock, random, ConnectionCheck.NONE);
    private final Cluster cluster = registry.cluster(ORDERS);
    private final ClusterOverrides overrides = cluster.overrides();

    @Test
    void drainedEndpoint_getsNoNewRequest_andItsOpenOneEnds() {
        source.publish(ORDERS, A, B, C);
        Lease open = cluster.lease(cluster.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE));

        overrides.drain(A.key(), TEN_MINUTES);

        assertThat(picked(200)).containsExactlyInAnyOrder(B.address(), C.address());
        assertThat(cluster.picker().members())
                .filteredOn(member -> member.endpoint().key().equals(A.key()))
                .singleElement()
                .satisfies(member -> assertThat(member.load().inFlight()).isEqualTo(1));
        open.end(Outcome.SUCCESS);
        assertThat(cluster.picker().members())
                .allSatisfy(member -> assertThat(member.load().inFlight()).isZero());
    }

    @Test
    void drain_isSaidByTheExplanation_withItsEnd() {
        source.publish(ORDERS, A, B);
        Instant now = cluster.now();

        overrides.drain(A.key(), TEN_MINUTES);

        assertThat(cluster.explain(RequestAttributes.NONE).excluded())
                .singleElement()
                .satisfies(excluded -> {
                    assertThat(excluded.reason()).isEqualTo(Reason.DRAINED_HERE);
                    assertThat(excluded.until()).isEqualTo(now.plus(TEN_MINUTES));
                });
        assertThat(cluster.explain(RequestAttributes.NONE).toString())
                .contains("10.0.0.1:8080: drained in this process until");
        assertThat(overrides.drained()).containsOnlyKeys(A.key());
    }

    @Test
    void drain_outlivesUpdatesOfThePod_andIsGoneWithIt() {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);

        source.publish(ORDERS, C, heavier(A), B);
        assertThat(picked(200)).containsExactlyInAnyOrder(B.address(), C.address());

        Endpoint successor = pod("10.0.0.1", "uid-successor");
        source.publish(ORDERS, B, C, successor);
        assertThat(picked(200)).contains(successor.address());
        assertThat(overrides.drained()).isEmpty();
        assertThat(overrides.isAny()).isFalse();
    }

    @Test
    void drain_endsByItself_andByUndrain() {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);
        overrides.drain(A.key(), TEN_MINUTES.plusSeconds(1)); // counts anew
        pass(TEN_MINUTES);
        assertThat(picked(100)).containsExactly(B.address());

        pass(Duration.ofMillis(1500));
        assertThat(picked(200)).containsExactlyInAnyOrder(A.address(), B.address());

        overrides.drain(A.key(), TEN_MINUTES);
        assertThat(overrides.undrain(A.key())).isTrue();
        assertThat(overrides.undrain(A.key())).isFalse();
        assertThat(picked(200)).containsExactlyInAnyOrder(A.address(), B.address());
    }

    @Test
    void lastReadyEndpoint_isNotDrained() {
        source.publish(ORDERS, A, B, unready(C));
        overrides.drain(A.key(), TEN_MINUTES);

        assertThatThrownBy(() -> overrides.drain(B.key(), TEN_MINUTES))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage(
                        "10.0.0.2:8080 is the last ready endpoint of orders.shop:8080 that is not drained: its requests"
                                + " could go nowhere else");
        assertThatThrownBy(() -> overrides.drain(pod("10.0.0.9", "uid-9").key(), TEN_MINUTES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("10.0.0.9:8080 is no endpoint of orders.shop:8080");
        assertThat(picked(100)).containsExactly(B.address());
    }

    @Test
    void lastReadyEndpointOfAShard_isNotDrained() {
        subset = SubsetSettings.of(SubsetSettings.SHARD, RequestKey.parse("header:x-shard"));
        registry.settingsChanged();
        source.publish(ORDERS, shard("10.0.0.1", "7"), shard("10.0.0.2", "8"), shard("10.0.0.3", "8"));

        assertThatThrownBy(() -> overrides.drain(shard("10.0.0.1", "7").key(), TEN_MINUTES))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("with the label value 7");
        overrides.drain(shard("10.0.0.2", "8").key(), TEN_MINUTES);
        assertThat(overrides.drained()).hasSize(1);
    }

    @Test
    void whereTheOthersGo_theDrainedOneIsUsed_untilOneComesBack() {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);

        source.publish(ORDERS, A, unready(B));
        assertThat(picked(20)).containsExactly(A.address());
        assertThat(overrides.drained()).isEmpty();

        source.publish(ORDERS, A, B);
        assertThat(picked(200)).containsExactly(B.address());
        assertThat(overrides.drained()).containsOnlyKeys(A.key());
    }

    @Test
    void strategy_winsOverTheConfigurationAndTheSource_andIsBackByItself() {
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("p2c-ewma"), A, B);
        assertThat(cluster.settings().strategy()).isSameAs(ewma);

        overrides.strategy(roundRobin, TEN_MINUTES);
        assertThat(cluster.settings().strategy()).isSameAs(roundRobin);
        assertThat(cluster.explain(RequestAttributes.NONE).strategy()).isEqualTo("round-robin");
        assertThat(cluster.explain(RequestAttributes.NONE).toString())
                .contains("strategy: round-robin until ")
                .contains(", in place of the configured one");

        source.publish(ORDERS, ServicePolicy.NONE, A, B, C);
        registry.settingsChanged();
        assertThat(cluster.settings().strategy()).isSameAs(roundRobin);

        pass(TEN_MINUTES.plusSeconds(1));
        assertThat(cluster.settings().strategy()).as("what was said meanwhile").isSameAs(leastRequest);
        assertThat(overrides.strategyUntil()).isNull();
        assertThat(cluster.explain(RequestAttributes.NONE).toString()).doesNotContain("in place of");
    }

    @Test
    void strategy_canBeTakenBack_andKeepsWhatWasMeasured() {
        source.publish(ORDERS, A, B);
        Lease open = cluster.lease(cluster.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE));

        overrides.strategy(ewma, TEN_MINUTES);
        assertThat(cluster.picker().totals().inFlight()).isEqualTo(1);
        assertThat(overrides.endStrategy()).isTrue();
        assertThat(overrides.endStrategy()).isFalse();

        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
        open.end(Outcome.SUCCESS);
        assertThat(cluster.picker().totals().inFlight()).isZero();
    }

    @Test
    void strategyThatNeedsAllEndpoints_isRefused_whereTheClientUsesSome_andGivenUp_whereItWillUseSome() {
        LoadBalancingStrategy hash = new RingHash(HashSettings.of(RequestKey.parse("header:x-user")), random);
        source.publish(ORDERS, A, B);
        overrides.strategy(hash, TEN_MINUTES);

        policies = policies.withEndpointsPerClient(EndpointsPerClient.of(20));
        registry.settingsChanged();
        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
        assertThat(overrides.strategyUntil()).isNull();

        assertThatThrownBy(() -> overrides.strategy(hash, TEN_MINUTES))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("endpointsPerClient");
        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
    }

    @Test
    void samples_areTakenForAWhile_andKeptAsLongAgain() {
        source.publish(ORDERS, A, B);
        overrides.sample(1, 10, TEN_MINUTES);
        picked(3);
        assertThat(overrides.samplingUntil()).isEqualTo(cluster.now().plus(TEN_MINUTES));
        assertThat(cluster.samples()).hasSize(3);

        pass(TEN_MINUTES);
        picked(3);
        assertThat(cluster.samples()).as("those from before").hasSize(3);
        assertThat(overrides.samplingUntil()).isNull();

        pass(TEN_MINUTES);
        assertThat(cluster.samples()).isEmpty();
    }

    @Test
    void samples_areTakenOverTheApplicationsOwn_whichGoOnAfterwards() {
        source.publish(ORDERS, A, B);
        cluster.startSampling(1, 10);
        picked(2);
        overrides.sample(1, 10, TEN_MINUTES);
        picked(3);
        assertThat(cluster.samples()).hasSize(3);

        pass(TEN_MINUTES);
        picked(1); // for the application
        assertThat(cluster.samples()).as("the operator's, which are kept").hasSize(3);

        assertThat(overrides.endSampling()).isTrue();
        assertThat(cluster.samples()).as("the application's").hasSize(3);
        assertThat(overrides.endSampling()).isFalse();
        picked(1);
        assertThat(cluster.samples()).hasSize(4);
    }

    @Test
    void samples_keepTheClusterAwake_andAreGoneWhereItSleepsAllTheSame() {
        configured = false;
        registry.settingsChanged();
        source.publish(ORDERS, A, B);
        overrides.sample(1, 10, Duration.ofMinutes(30));
        picked(3);

        pass(Duration.ofMinutes(59));
        assertThat(registry.clusters()).containsExactly(cluster);
        assertThat(cluster.samples()).hasSize(3);
        pass(Duration.ofMinutes(12));
        assertThat(registry.clusters()).isEmpty();
        assertThat(cluster.samples()).isEmpty();

        assertThat(cluster.isSettled()).as("awake").isFalse();
        source.publish(ORDERS, A, B);
        overrides.sample(1, 10, TEN_MINUTES);
        picked(3);
        cluster.close();
        assertThat(cluster.samples()).isEmpty();
        assertThat(overrides.samplingUntil()).isNull();
    }

    @Test
    void renewedStrategy_isNotEnded_whereTheOldOneIsDueAtTheSameMoment() throws Exception {
        source.publish(ORDERS, A, B);
        overrides.strategy(roundRobin, TEN_MINUTES);
        policies = policies.withEndpointsPerClient(
                EndpointsPerClient.of(20)); // so that strategies are asked, under the lock
        registry.settingsChanged();
        CountDownLatch renewing = new CountDownLatch(1);
        CountDownLatch due = new CountDownLatch(1);
        LoadBalancingStrategy renewed = new Hesitating(renewing, due);
        clock.advance(TEN_MINUTES);
        Thread operator = new Thread(() -> overrides.strategy(renewed, TEN_MINUTES));
        operator.start();
        renewing.await();
        Thread tick = new Thread(() -> pass(ClusterRegistry.TICK.multipliedBy(5)));
        tick.start();
        Awaitility.await().until(() -> tick.getState() == Thread.State.BLOCKED);
        due.countDown();
        operator.join();
        tick.join();

        assertThat(cluster.settings().strategy()).isSameAs(renewed);
        assertThat(overrides.strategyUntil()).isNotNull();
    }

    @Test
    void drain_isNotWaitedFor_whereAStrategyIsStuck() throws Exception {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);
        policies = policies.withEndpointsPerClient(EndpointsPerClient.of(20));
        registry.settingsChanged();
        CountDownLatch stuck = new CountDownLatch(1);
        CountDownLatch asked = new CountDownLatch(1);
        Thread operator = new Thread(() -> overrides.strategy(new Hesitating(stuck, asked), TEN_MINUTES));
        operator.start();
        stuck.await();
        assertThat(CompletableFuture.supplyAsync(overrides::drained).get(10, TimeUnit.SECONDS))
                .containsOnlyKeys(A.key());
        asked.countDown();
        operator.join();
    }

    @Test
    void onlyEndpointThatACallerCanUse_isUsed_thoughItIsDrained() {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);

        ClusterPicker onlyA =
                cluster.picker().restrictedTo(endpoint -> endpoint.key().equals(A.key()));
        assertThat(onlyA.pick(RequestAttributes.NONE).endpoint().key()).isEqualTo(A.key());
        ClusterPicker onlyB =
                cluster.picker().restrictedTo(endpoint -> endpoint.key().equals(B.key()));
        assertThat(onlyB.pick(RequestAttributes.NONE).endpoint().key()).isEqualTo(B.key());
        assertThatThrownBy(
                        () -> cluster.picker().restrictedTo(endpoint -> false).pick(RequestAttributes.NONE))
                .isInstanceOf(NoEndpointException.class);
    }

    @Test
    void drain_canBeRenewed_whereTheOthersHaveGoneMeanwhile_andIsListedThoughItIsNotObeyed() {
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), TEN_MINUTES);
        source.publish(ORDERS, A, unready(B));
        pass(Duration.ofMinutes(1));

        overrides.drain(A.key(), TEN_MINUTES);

        assertThat(overrides.drains())
                .containsExactly(Map.entry(A.key(), cluster.now().plus(TEN_MINUTES)));
        assertThat(overrides.drained()).isEmpty();
    }

    @Test
    void drainOfAnEndpointThatIsNotReady_isListed() {
        source.publish(ORDERS, A, unready(B));
        overrides.drain(B.key(), TEN_MINUTES);
        assertThat(overrides.drains()).containsOnlyKeys(B.key());
    }

    @Test
    void endpointThatWasDrainedForLong_isSlowlyStarted_andOneThatWasForAMomentIsNot() {
        Instant longAgo = cluster.now().minus(Duration.ofDays(1));
        source.publish(ORDERS, since(A, longAgo), since(B, longAgo), since(C, longAgo));
        overrides.drain(A.key(), TEN_MINUTES);
        pass(Duration.ofMinutes(5));
        overrides.undrain(A.key());
        pass(Duration.ofMillis(500));
        assertThat(slowStartOf(A)).isLessThan(0.5);
        assertThat(slowStartOf(B)).isEqualTo(1);
        pass(Duration.ofMinutes(1));
        assertThat(slowStartOf(A)).isEqualTo(1);

        overrides.drain(A.key(), TEN_MINUTES);
        pass(Duration.ofSeconds(5));
        overrides.undrain(A.key());
        assertThat(slowStartOf(A)).isEqualTo(1);
    }

    @Test
    void changedCluster_doesNotFallAsleep_untilThatIsOver() {
        configured = false;
        registry.settingsChanged();
        source.publish(ORDERS, A, B);
        overrides.drain(A.key(), Duration.ofHours(1));

        pass(Duration.ofMinutes(59));
        assertThat(registry.clusters()).containsExactly(cluster);
        assertThat(overrides.drained()).containsOnlyKeys(A.key());

        pass(Duration.ofMinutes(12));
        assertThat(registry.clusters()).isEmpty();
    }

    @Test
    void noTime_isRefused() {
        source.publish(ORDERS, A, B);
        assertThatThrownBy(() -> overrides.drain(A.key(), Duration.ZERO)).hasMessage("time: PT0S (expected: > 0)");
        assertThatThrownBy(() -> overrides.strategy(roundRobin, Duration.ofSeconds(-1)))
                .hasMessage("time: PT-1S (expected: > 0)");
        assertThatThrownBy(() -> overrides.sample(1, 1, Duration.ZERO)).hasMessage("time: PT0S (expected: > 0)");
    }

    private void pass(Duration time) {
        for (long i = 0; i < time.toMillis() / ClusterRegistry.TICK.toMillis(); i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }

    private Set<String> picked(int times) {
        return IntStream.range(0, times)
                .mapToObj(i ->
                        cluster.picker().pick(RequestAttributes.NONE).endpoint().address())
                .collect(Collectors.toSet());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(10, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private double slowStartOf(Endpoint endpoint) {
        Pool all = cluster.picker().plan().groups().get(0);
        return IntStream.range(0, all.size())
                .mapToObj(all::get)
                .filter(candidate -> candidate.endpoint().key().equals(endpoint.key()))
                .findAny()
                .orElseThrow()
                .weightFactors()
                .slowStart();
    }

    private static Endpoint since(Endpoint endpoint, Instant ready) {
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port())
                .pod(endpoint.podName(), endpoint.key().podUid())
                .readySince(ready)
                .build();
    }

    private static Endpoint pod(String host, String uid) {
        return Endpoint.builder(host, 8080).pod("pod-" + uid, uid).build();
    }

    private static Endpoint shard(String host, String shard) {
        return Endpoint.builder(host, 8080).shard(shard).build();
    }

    private static Endpoint heavier(Endpoint endpoint) {
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port())
                .pod(endpoint.podName(), endpoint.key().podUid())
                .weight(3)
                .build();
    }

    private static Endpoint unready(Endpoint endpoint) {
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port())
                .pod(endpoint.podName(), endpoint.key().podUid())
                .health(EndpointHealth.UNHEALTHY)
                .build();
    }

    /** Round robin, which waits where it is asked something with the cluster's lock held. */
    private record Hesitating(CountDownLatch asked, CountDownLatch answer) implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "hesitating";
        }

        @Override
        public boolean needsAllEndpoints() {
            asked.countDown();
            await(answer);
            return false;
        }

        @Override
        public Picker picker(Pool pool) {
            return new RoundRobin().picker(pool);
        }
    }

    private final class Provider implements ClusterSettingsProvider {
        @Override
        public ClusterSettings settings(String resource, ServicePolicy policy) {
            ClusterSettings settings = ClusterSettings.of("p2c-ewma".equals(policy.strategy()) ? ewma : leastRequest)
                    .withPolicy(policies);
            return subset == null ? settings : settings.withSubset(subset);
        }

        @Override
        public boolean isConfigured(String resource) {
            return configured;
        }
    }
}
