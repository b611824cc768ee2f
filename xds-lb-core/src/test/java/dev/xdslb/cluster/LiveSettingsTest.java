/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.ServicePolicy.Ejection;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.cluster.ServicePolicy.SlowStart;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.LimitSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Settings change while a cluster lives, by its source's word and by the configuration's; what was learnt stays. */
class LiveSettingsTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A = Endpoint.builder("10.0.0.1", 8080).build();
    private static final Endpoint B = Endpoint.builder("10.0.0.2", 8080).build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final LoadBalancingStrategy leastRequest = new P2cLeastRequest(random);
    private final LoadBalancingStrategy ewma = new P2cEwma(random);
    private final LoadBalancingStrategy roundRobin = new RoundRobin();
    private final List<ServicePolicy> asked = new ArrayList<>();
    private LoadBalancingStrategy configured; // null where the configuration names none
    private PolicySettings defaults = PolicySettings.DEFAULT;
    private RuntimeException failure;
    private final ClusterRegistry registry = ClusterRegistry.driven(
            source, this::settings, ClusterLifetime.DEFAULT, clock, random, ConnectionCheck.NONE);
    private final Cluster cluster = registry.cluster(ORDERS);

    @Test
    void policyOfTheSource_isUsedFromTheFirstPickerOn() {
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), A, B);

        assertThat(cluster.settings().strategy()).isSameAs(roundRobin);
        assertThat(cluster.explain(RequestAttributes.NONE).strategy()).isEqualTo("round-robin");
    }

    @Test
    void policyThatTheSourceChanges_isUsedAtOnce_andOneThatItRepeats_isNotAskedAbout() {
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), A, B);
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), B, A);
        assertThat(asked).hasSize(2);

        source.publish(ORDERS, ServicePolicy.NONE, A, B);

        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
    }

    @Test
    void snapshotThatComesAfterTheClusterWasPutToSleep_leavesNoPolicyBehind() {
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), A, B);
        EndpointSource.Watcher ended = source.watcher(ORDERS);
        for (int i = 0; i < 2 * 10 * 601; i++) { // longer than it may be idle
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
        assertThat(registry.clusters()).isEmpty();
        assertThat(cluster.isSettled()).as("awake again").isFalse();
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), A, B);

        ended.onSnapshot(new ServiceSnapshot(
                new EndpointSnapshot(ORDERS, "late", List.of(A)), ServicePolicy.NONE.withStrategy("p2c-ewma")));

        registry.settingsChanged();
        assertThat(cluster.settings().strategy()).isSameAs(roundRobin);
        assertThat(cluster.endpoints()).hasSize(2);
    }

    @Test
    void configuration_comesBeforeTheSource() {
        configured = ewma;
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("round-robin"), A, B);
        registry.settingsChanged();
        assertThat(cluster.settings().strategy()).isSameAs(ewma);

        configured = null;
        registry.settingsChanged();

        assertThat(cluster.settings().strategy()).isSameAs(roundRobin);
    }

    @Test
    void change_keepsRequestsInFlightAndEjectionsAndTheSourcesEndpoints() {
        source.publish(ORDERS, A, B);
        Lease open = cluster.lease(cluster.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE));
        failFiveTimes(B);
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);

        configured = ewma;
        registry.settingsChanged();

        assertThat(cluster.explain(RequestAttributes.NONE).strategy()).isEqualTo("p2c-ewma");
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpointLoad().inFlight())
                .isEqualTo(1);
        open.end(Outcome.SUCCESS);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpointLoad().inFlight())
                .isZero();
    }

    @Test
    void slowStart_goesOnWhereItWas_underAnotherWindow() {
        Instant now = Instant.EPOCH.plusNanos(clock.getAsLong());
        Endpoint young = Endpoint.builder("10.0.0.3", 8080)
                .readySince(now.minusSeconds(15))
                .build();
        List<Endpoint> old = IntStream.range(4, 8)
                .mapToObj(i -> Endpoint.builder("10.0.0." + i, 8080)
                        .readySince(now.minusSeconds(600))
                        .build())
                .toList();
        List<Endpoint> all = new ArrayList<>(old);
        all.add(young);
        source.publish(ORDERS, all.toArray(Endpoint[]::new));
        assertThat(weightOf(young)).isEqualTo(0.5);

        defaults = ServicePolicy.NONE
                .withSlowStart(new SlowStart(Duration.ofSeconds(60), null, null))
                .over(PolicySettings.DEFAULT);
        registry.settingsChanged();

        assertThat(weightOf(young)).as("15 s of 60 s").isEqualTo(0.25);
    }

    @Test
    void turns_goOn() {
        configured = roundRobin;
        registry.settingsChanged();
        source.publish(ORDERS, A, B);
        Endpoint first = cluster.picker().pick(RequestAttributes.NONE).endpoint();

        defaults = PolicySettings.DEFAULT.withAvoidance(Duration.ofSeconds(2));
        registry.settingsChanged();

        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpoint()).isNotEqualTo(first);
    }

    @Test
    void limitThatComesAndGoes_countsNoRequestTwice() {
        source.publish(ORDERS, A, B);
        Lease before = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        Lease streamBefore = cluster.streamLease(cluster.picker().pick(RequestAttributes.NONE));

        source.publish(ORDERS, ServicePolicy.NONE.withLimits(new Limits(null, 2)), A, B);
        Lease first = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        before.end(Outcome.SUCCESS);
        streamBefore.end(Outcome.SUCCESS);
        Lease second = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .as("those from before the limit neither count nor are taken off")
                .isInstanceOf(LimitExceededException.class);

        source.publish(ORDERS, ServicePolicy.NONE, A, B);
        Lease third = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        source.publish(ORDERS, ServicePolicy.NONE.withLimits(new Limits(null, 1)), A, B);
        List.of(first, second, third).forEach(lease -> lease.end(Outcome.SUCCESS));
        Lease last = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .isInstanceOf(LimitExceededException.class);
        last.end(Outcome.SUCCESS);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpointLoad().inFlight())
                .isZero();
    }

    @Test
    void ejectionRules_changeForTheNextFailure() {
        source.publish(ORDERS, A, B);
        defaults = ServicePolicy.NONE
                .withEjection(new Ejection(2, null, null, null, null, null, null, null))
                .over(PolicySettings.DEFAULT);
        registry.settingsChanged();

        fail(B);
        fail(B);

        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);
    }

    @Test
    void labelThatRoutes_changesForTheMembersThatAreThere() {
        source.publish(ORDERS, A, B);
        ClusterPicker before = cluster.picker();
        defaults = PolicySettings.DEFAULT.withLimits(new LimitSettings(10, 0));

        registry.settingsChanged();

        assertThat(cluster.picker()).isNotSameAs(before);
        assertThat(cluster.endpoints()).containsExactly(A, B);
    }

    @Test
    void equalSettings_publishNothing() {
        source.publish(ORDERS, A, B);
        List<String> told = new ArrayList<>();
        cluster.onPublish(() -> told.add("told"));
        ClusterPicker before = cluster.picker();

        registry.settingsChanged();

        assertThat(told).isEmpty();
        assertThat(cluster.picker()).isSameAs(before);
        defaults = PolicySettings.DEFAULT.withAvoidance(Duration.ofSeconds(2));
        registry.settingsChanged();
        assertThat(told).hasSize(1);
    }

    @Test
    void change_whileItSleeps_isInUseWhenItWakes() {
        source.publish(ORDERS, A, B);
        for (int tick = 0; tick < 10; tick++) {
            clock.advance(ClusterLifetime.DEFAULT.idleTimeout());
            registry.tick();
        }
        assertThat(registry.clusters()).isEmpty();

        configured = ewma;
        registry.settingsChanged();
        assertThat(registry.clusters()).as("nobody has used it").isEmpty();
        cluster.isSettled();
        source.publish(ORDERS, A, B);

        assertThat(cluster.settings().strategy()).isSameAs(ewma);
        assertThat(cluster.explain(RequestAttributes.NONE).strategy()).isEqualTo("p2c-ewma");
    }

    @Test
    void settingsThatCannotBeMade_leaveTheLastOnes_andSaySo() {
        source.publish(ORDERS, A, B);
        failure = new IllegalStateException("no strategy named \"nothing\"");

        registry.settingsChanged();
        source.publish(ORDERS, ServicePolicy.NONE.withStrategy("nothing"), A);

        assertThat(cluster.settings().strategy()).isSameAs(leastRequest);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpoint()).isEqualTo(A);
        assertThat(registry.faults())
                .containsExactly(new Fault("orders.shop:8080: its settings", failure.toString(), 2));
    }

    @Test
    void answerToAnOlderQuestion_isDropped() {
        ClusterSettingsProvider[] provider = {this::settings};
        ClusterRegistry[] other = new ClusterRegistry[1];
        other[0] = ClusterRegistry.driven(
                source,
                (resource, policy) -> provider[0].settings(resource, policy),
                ClusterLifetime.DEFAULT,
                clock,
                random,
                ConnectionCheck.NONE);
        Cluster changed = other[0].cluster("other");
        provider[0] = (resource, policy) -> {
            ClusterSettings old = settings(resource, policy);
            provider[0] = this::settings;
            configured = ewma;
            other[0].settingsChanged(); // somebody else's, while this one is being answered
            return old;
        };

        other[0].settingsChanged();

        assertThat(changed.settings().strategy()).isSameAs(ewma);
    }

    private ClusterSettings settings(String resource, ServicePolicy policy) {
        asked.add(policy);
        if (failure != null) {
            throw failure;
        }
        LoadBalancingStrategy strategy =
                configured != null ? configured : "round-robin".equals(policy.strategy()) ? roundRobin : leastRequest;
        return ClusterSettings.of(strategy).withPolicy(policy.over(defaults));
    }

    private double weightOf(Endpoint endpoint) {
        Pool pool = cluster.picker().plan().groups().get(0);
        return IntStream.range(0, pool.size())
                .mapToObj(pool::get)
                .filter(candidate -> candidate.endpoint().equals(endpoint))
                .findFirst()
                .orElseThrow()
                .weightFactors()
                .slowStart();
    }

    private void failFiveTimes(Endpoint endpoint) {
        for (int i = 0; i < 5; i++) {
            fail(endpoint);
        }
    }

    private void fail(Endpoint endpoint) {
        cluster.lease(cluster.picker().restrictedTo(endpoint::equals).pick(RequestAttributes.NONE))
                .end(Outcome.FAILURE);
    }
}
