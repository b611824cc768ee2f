/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster.Registration;
import dev.xdslb.endpoint.Endpoint;
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
import dev.xdslb.xds.LogRecorder;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Code that is not ours fails in every place where we call it, and in every way: nothing of ours ends by it. */
class ForeignCodeTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final String REPORTS = "reports.shop:8080";
    private static final Endpoint A = endpoint(1);
    private static final Endpoint B = endpoint(2);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private Throwable failure; // what the foreign code throws, null while it works
    private Throwable nameFailure; // what the foreign strategy throws when asked for its name
    private Throwable pickFailure; // what the foreign strategy's pickers throw, null while they work

    static Stream<Throwable> failures() {
        return Stream.of(
                new IllegalStateException("a bug"),
                new StackOverflowError(),
                new NoClassDefFoundError("a/Missing"),
                new OutOfMemoryError("not really"),
                new IOException("not declared"));
    }

    @ParameterizedTest
    @MethodSource("failures")
    void strategyThatFailsAtItsFirstPicker_isNamedByEveryPick(Throwable thrown) {
        failure = thrown;
        ClusterRegistry registry = registry();
        Cluster cluster = registry.cluster(ORDERS);

        source.publish(ORDERS, A);

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .isInstanceOf(StrategyException.class)
                .hasMessage("strategy foreign of orders.shop:8080 failed: " + thrown)
                .hasCause(thrown);
        assertThat(registry.faults()).extracting(Fault::what).containsExactly("orders.shop:8080: its strategy");

        failure = null;
        source.publish(ORDERS, A, B);
        assertThat(cluster.picker().pick(RequestAttributes.NONE)).isNotNull();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void strategyThatFailsLater_leavesItsLastPicker_asLongAsThatHasSomebody(Throwable thrown) {
        Cluster cluster = registry().cluster(ORDERS);
        source.publish(ORDERS, A);
        failure = thrown;

        source.publish(ORDERS, A, B);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpoint()).isEqualTo(A);

        source.publish(ORDERS, B);
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .as("not a connection that fails at an address that is gone")
                .isInstanceOf(StrategyException.class);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void oneClustersFailingStrategy_takesNobodyElsesTickAway(Throwable thrown) {
        ClusterRegistry registry = registry();
        Cluster failing = registry.cluster(ORDERS);
        Cluster other = registry.cluster(REPORTS);
        source.publish(ORDERS, A, B);
        source.publish(REPORTS, endpoint(3), endpoint(4));
        failFiveTimes(failing, A);
        failFiveTimes(other, endpoint(3));
        failure = thrown;

        pass(registry, Duration.ofSeconds(2));

        assertThat(other.picker().plan().isProbing())
                .as("the ejection has ended")
                .isTrue();
        failure = null;
        pass(registry, Duration.ofSeconds(31));
        source.publish(ORDERS, A);
        assertThat(registry.faults()).as("it works again").isEmpty();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void strategyThatFailsInEachPick_isNamed_andCountedOnce(Throwable thrown) {
        ClusterRegistry registry = registry();
        Cluster cluster = registry.cluster(ORDERS);
        source.publish(ORDERS, A);
        pickFailure = thrown;

        for (int i = 0; i < 3; i++) {
            assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                    .isInstanceOf(StrategyException.class)
                    .hasMessage("strategy foreign of orders.shop:8080 failed: " + thrown)
                    .hasCause(thrown);
            assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE, A::equals))
                    .isInstanceOf(StrategyException.class);
        }

        assertThat(registry.faults())
                .containsExactly(new Fault("orders.shop:8080: its strategy", thrown.toString(), 6));
        assertThat(cluster.explain(RequestAttributes.NONE).failure()).contains("strategy foreign");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void strategyThatDoesNotTellItsName_isPickedBy_sampledAndExplained(Throwable thrown) {
        Cluster cluster = registry().cluster(ORDERS);
        source.publish(ORDERS, A);
        cluster.startSampling(1, 10);
        nameFailure = thrown;

        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpoint()).isEqualTo(A);
        assertThat(cluster.samples())
                .singleElement()
                .satisfies(sample -> assertThat(sample.picked()).isEqualTo(A));
        assertThat(cluster.explain(RequestAttributes.NONE).picked()).isEqualTo(A);
    }

    @Test
    void failureOfEveryPublication_isLoggedOnce() {
        try (LogRecorder log = new LogRecorder("dev.xdslb.cluster")) {
            ClusterRegistry registry = registry();
            registry.cluster(ORDERS);
            failure = new IllegalStateException("a bug");

            for (int i = 0; i < 1_000; i++) {
                source.publish(ORDERS, endpoint(i), endpoint(i + 1));
                pass(registry, Duration.ofMillis(500));
            }

            assertThat(log.lines).filteredOn(line -> line.contains("ERROR")).hasSize(1);
            assertThat(registry.faults())
                    .singleElement()
                    .satisfies(fault -> assertThat(fault.times()).isGreaterThanOrEqualTo(1_000));
        }
    }

    @ParameterizedTest
    @MethodSource("failures")
    void listenerThatFails_costsNoOtherItsNews_andSettlesNobodyLess(Throwable thrown) {
        ClusterRegistry registry = registry();
        Cluster cluster = registry.cluster(ORDERS);
        List<String> told = new ArrayList<>();
        Registration failing = cluster.onPublish(() -> sneaky(thrown));
        cluster.onPublish(() -> told.add("told"));

        source.publish(ORDERS, A);

        assertThat(told).hasSize(1);
        assertThat(cluster.isSettled()).isTrue();
        assertThat(registry.faults())
                .singleElement()
                .satisfies(fault -> assertThat(fault.what()).startsWith("orders.shop:8080: listener "));
        failing.close();
        failing.close();
        source.publish(ORDERS, B);
        assertThat(told).as("closing twice takes nobody else's").hasSize(2);
        assertThat(registry.faults()).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void listenerThatFailsWhenARequestEjects_doesNotFailThatRequest(Throwable thrown) {
        Cluster cluster = registry().cluster(ORDERS);
        source.publish(ORDERS, A, B);
        cluster.onPublish(() -> sneaky(thrown));

        assertThatCode(() -> failFiveTimes(cluster, A)).doesNotThrowAnyException();

        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void whoWaitsForItToSettleAndFails_doesNotFailTheSource(Throwable thrown) {
        Cluster cluster = registry().cluster(ORDERS);
        var unused = cluster.settled().thenRun(() -> sneaky(thrown));

        assertThatCode(() -> source.publish(ORDERS, A)).doesNotThrowAnyException();

        assertThat(cluster.isSettled()).isTrue();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void settingsThatFailForANewCluster_areToldToWhoAsksForIt_andAskedAgain(Throwable thrown) {
        ClusterRegistry registry = ClusterRegistry.driven(
                source,
                resource -> {
                    maybeFail();
                    return ClusterSettings.of(new P2cLeastRequest(random));
                },
                clock,
                random);
        failure = thrown;

        assertThatThrownBy(() -> registry.cluster(ORDERS))
                .satisfies(told -> assertThat(told.toString() + told.getCause()).contains(thrown.toString()));

        failure = null;
        assertThat(registry.cluster(ORDERS)).isNotNull();
    }

    @Test
    void settingsThatAskForAnotherCluster_areServed() {
        ClusterRegistry[] registry = new ClusterRegistry[1];
        registry[0] = ClusterRegistry.driven(
                source,
                resource -> {
                    if (resource.equals(ORDERS)) {
                        registry[0].cluster(REPORTS);
                    }
                    return ClusterSettings.of(new P2cLeastRequest(random));
                },
                clock,
                random);

        registry[0].cluster(ORDERS);

        assertThat(registry[0].clusters()).hasSize(2);
    }

    @ParameterizedTest
    @MethodSource("failures")
    void sourceThatCannotBeAsked_isSaid_andAskedAgain(Throwable thrown) {
        FailingSource failingSource = new FailingSource();
        ClusterRegistry registry = ClusterRegistry.driven(
                failingSource, resource -> ClusterSettings.of(new P2cLeastRequest(random)), clock, random);
        failure = thrown;

        Cluster cluster = registry.cluster(ORDERS);

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .hasMessageContaining("control plane failing:1 could not be asked: " + thrown);
        failure = null;
        pass(registry, Duration.ofSeconds(6));
        assertThat(failingSource.asked).isEqualTo(2);
        pass(registry, Duration.ofSeconds(60));
        assertThat(failingSource.asked).isEqualTo(2);
        assertThat(registry.faults()).isEmpty();
        failure = thrown;
        assertThatCode(registry::close).as("its end fails, too").doesNotThrowAnyException();
    }

    @ParameterizedTest
    @MethodSource("failures")
    void connectionCheckThatFails_knowsNothing(Throwable thrown) {
        ClusterRegistry registry = ClusterRegistry.driven(
                source,
                resource -> ClusterSettings.of(new P2cLeastRequest(random)),
                clock,
                random,
                (endpoint, result) -> sneaky(thrown));
        Cluster cluster = registry.cluster(ORDERS);
        source.publish(ORDERS, A, B);

        cluster.lease(pickOf(cluster, A)).end(Outcome.CONNECTION_FAILURE);
        pass(registry, Duration.ofSeconds(5));

        assertThat(cluster.picker().plan().eligible()).isEqualTo(2);
        assertThat(registry.faults()).extracting(Fault::what).containsExactly("orders.shop:8080: checking connections");
    }

    @ParameterizedTest
    @EnumSource(Refusal.class)
    void executorThatTakesNothing_settlesAllTheSame(Refusal refusal) {
        ClusterSettings settings = new ClusterSettings(
                new P2cLeastRequest(random), PolicySettings.DEFAULT, Duration.ofSeconds(5), resource -> List.of(A));
        Cluster cluster = new Cluster(
                ORDERS,
                new ClusterContext(
                        source,
                        source.description(),
                        (resource, policy) -> settings,
                        new ClusterRoster(ClusterLifetime.DEFAULT, clock),
                        ClientPlace.UNKNOWN,
                        new LoadRegistry(clock),
                        clock,
                        InstantSource.system(),
                        random,
                        task -> refusal.refuse(),
                        Deadlines.BY_TICK,
                        ConnectionCheck.NONE,
                        new ForeignStrategies(Runnable::run),
                        new Faults(clock)));
        cluster.use();

        source.watcher(ORDERS).onUnavailable("connection refused");

        assertThat(cluster.isSettled()).isTrue();
        assertThat(cluster.settled().toCompletableFuture()).isCompleted();
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .hasMessageContaining("connection refused");
    }

    @ParameterizedTest
    @MethodSource("failures")
    void fallbackOfTwo_asksTheSecondWhereTheFirstFails(Throwable thrown) {
        FallbackEndpoints first = resource -> {
            sneaky(thrown);
            return List.of();
        };

        if (thrown instanceof RuntimeException || thrown instanceof Error) {
            assertThat(first.orElse(resource -> List.of(A)).endpoints(ORDERS)).containsExactly(A);
            assertThatThrownBy(() -> first.orElse(FallbackEndpoints.NONE).endpoints(ORDERS))
                    .isSameAs(thrown);
        }
    }

    private ClusterRegistry registry() {
        LoadBalancingStrategy good = new P2cLeastRequest(random);
        return ClusterRegistry.driven(
                source, resource -> ClusterSettings.of(resource.equals(ORDERS) ? foreign() : good), clock, random);
    }

    private LoadBalancingStrategy foreign() {
        return new LoadBalancingStrategy() {
            @Override
            public String name() {
                if (nameFailure != null) {
                    sneaky(nameFailure);
                }
                return "foreign";
            }

            @Override
            public Picker picker(Pool pool) {
                maybeFail();
                return request -> {
                    if (pickFailure != null) {
                        sneaky(pickFailure);
                    }
                    return pool.get(0);
                };
            }
        };
    }

    private void maybeFail() {
        if (failure != null) {
            sneaky(failure);
        }
    }

    private void pass(ClusterRegistry registry, Duration time) {
        for (long i = 0; i < time.toMillis() / 100; i++) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }

    private static void failFiveTimes(Cluster cluster, Endpoint endpoint) {
        for (int i = 0; i < 5; i++) {
            cluster.lease(pickOf(cluster, endpoint)).end(Outcome.FAILURE);
        }
    }

    private static Candidate pickOf(Cluster cluster, Endpoint endpoint) {
        return cluster.picker().restrictedTo(endpoint::equals).pick(RequestAttributes.NONE);
    }

    private static Endpoint endpoint(int i) {
        return Endpoint.builder("10.0." + (i >> 8) + '.' + (i & 0xFF), 8080).build();
    }

    @SuppressWarnings("unchecked")
    private static <E extends Throwable> void sneaky(Throwable thrown) throws E {
        throw (E) thrown;
    }

    enum Refusal {
        REJECTED,
        NO_THREAD;

        void refuse() {
            switch (this) {
                case REJECTED -> throw new RejectedExecutionException("full");
                case NO_THREAD -> throw new OutOfMemoryError("unable to create native thread");
            }
            fail("not reached");
        }
    }

    private final class FailingSource implements EndpointSource {
        private int asked;

        @Override
        public Subscription subscribe(String resource, Watcher watcher) {
            asked++;
            maybeFail();
            return ForeignCodeTest.this::maybeFail;
        }

        @Override
        public String description() {
            return "control plane failing:1";
        }

        @Override
        public void close() {}
    }
}
