/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.cluster.Cluster.Registration;
import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** Clusters whose names come from requests live as long as they are used; whoever keeps one always has one that works. */
class ClusterLifetimeTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A = Endpoint.builder("10.0.0.1", 8080).build();
    private static final Duration IDLE = Duration.ofMinutes(10);

    private final CountingSource source = new CountingSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final RandomGenerator random = Randoms.seeded();
    private final ClusterRegistry registry = registry(ClusterLifetime.DEFAULT);

    @Test
    void clusterThatNobodyUses_isReleased() {
        Cluster cluster = registry.cluster(ORDERS);
        assertThat(pick(cluster)).isEqualTo(A);

        pass(registry, IDLE.minusSeconds(1));
        assertThat(registry.clusters()).hasSize(1);
        pass(registry, Duration.ofSeconds(2));

        assertThat(registry.clusters()).isEmpty();
        assertThat(source.watched).isEmpty();
        assertThat(registry.remembered()).isZero();
    }

    @Test
    void whoKeptIt_isServedAgain_byTheSameCluster() {
        Cluster kept = registry.cluster(ORDERS);
        pass(registry, IDLE.plusSeconds(1));
        assertThat(registry.clusters()).isEmpty();

        assertThat(kept.isSettled())
                .as("it is awake, and the source has answered")
                .isTrue();

        assertThat(pick(kept)).isEqualTo(A);
        assertThat(registry.cluster(ORDERS)).isSameAs(kept);
        assertThat(source.watched).containsOnlyKeys(ORDERS);
    }

    @Test
    void whoKeptIt_waitsForTheSourceAnew() {
        Cluster kept = registry.cluster(ORDERS);
        pass(registry, IDLE.plusSeconds(1));
        source.silent = true;

        assertThat(kept.isSettled()).isFalse();
        var settled = kept.settled().toCompletableFuture();
        source.answer(ORDERS);

        assertThat(settled).isCompleted();
        assertThat(pick(kept)).isEqualTo(A);
    }

    @Test
    void whoPicksWithoutWaiting_isToldWhy_andWakesIt() {
        Cluster kept = registry.cluster(ORDERS);
        pass(registry, IDLE.plusSeconds(1));
        ClusterPicker asleep = kept.picker();

        assertThatThrownBy(() -> asleep.pick(RequestAttributes.NONE))
                .isInstanceOf(NoEndpointException.class)
                .hasMessageContaining("is asked again: nobody had used the cluster for a while");

        assertThat(pick(kept)).isEqualTo(A);
    }

    @Test
    void picks_keepItAwake() {
        Cluster cluster = registry.cluster(ORDERS);

        for (int minute = 0; minute < 60; minute++) {
            pass(registry, Duration.ofMinutes(1));
            pick(cluster);
        }

        assertThat(registry.clusters()).containsExactly(cluster);
        assertThat(source.subscribed).isEqualTo(1);
    }

    @Test
    void listener_keepsItAwake_untilItGoes() {
        Cluster cluster = registry.cluster(ORDERS);
        Registration listener = cluster.onPublish(() -> {});
        pass(registry, IDLE.multipliedBy(3));
        assertThat(registry.clusters()).containsExactly(cluster);

        listener.close();
        pass(registry, IDLE.plusSeconds(1));

        assertThat(registry.clusters()).isEmpty();
    }

    @Test
    void listenerAtAClusterThatSleeps_wakesIt_andIsTold() {
        Cluster cluster = registry.cluster(ORDERS);
        pass(registry, IDLE.plusSeconds(1));
        List<State> told = new ArrayList<>();

        cluster.onPublish(() -> told.add(cluster.status().state()));

        assertThat(told).contains(State.LIVE);
    }

    @Test
    void openRequest_keepsItAwake_andEndsWell() {
        Cluster cluster = registry.cluster(ORDERS);
        Lease open = cluster.streamLease(cluster.picker().pick(RequestAttributes.NONE));
        pass(registry, IDLE.multipliedBy(3));
        assertThat(registry.clusters()).containsExactly(cluster);

        open.end(Outcome.SUCCESS);
        pass(registry, IDLE.plusSeconds(1));

        assertThat(registry.clusters()).isEmpty();
        assertThat(registry.remembered()).isZero();
    }

    @Test
    void requestThatEndsWhenItSleeps_isCountedOut() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 1));
        Cluster cluster = small.cluster(ORDERS);
        Lease open = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
        cluster.close();
        assertThat(small.remembered()).isEqualTo(1);

        open.end(Outcome.FAILURE);
        pass(small, Duration.ofSeconds(1));

        assertThat(small.remembered()).isZero();
    }

    @Test
    void configuredCluster_staysAwake() {
        ClusterRegistry configured = registry(ClusterLifetime.DEFAULT, ORDERS);
        Cluster cluster = configured.cluster(ORDERS);

        pass(configured, IDLE.multipliedBy(3));

        assertThat(configured.clusters()).containsExactly(cluster);
    }

    @Test
    void tenThousandNames_onceEach_leaveNothing() {
        List<WeakReference<Cluster>> made = new ArrayList<>();
        int most = 0;
        for (int i = 0; i < 10_000; i++) {
            Cluster cluster = registry.cluster("name-" + i + ".shop:8080");
            assertThat(cluster.isSettled()).isTrue();
            assertThat(pick(cluster)).isEqualTo(A);
            made.add(new WeakReference<>(cluster));
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
            most = Math.max(most, registry.clusters().size());
        }
        assertThat(most).isEqualTo(1_000);

        pass(registry, IDLE.plusSeconds(1));

        assertThat(registry.clusters()).isEmpty();
        assertThat(source.watched).isEmpty();
        assertThat(registry.remembered()).isZero();
        assertThat(registry.faults()).isEmpty();
        await().untilAsserted(() -> {
            System.gc();
            pass(registry, Duration.ofMillis(500));
            assertThat(registry.known()).isZero();
        });
        assertThat(made).allMatch(reference -> reference.get() == null);
    }

    @Test
    void oneNameTooMany_putsTheOneToSleepThatWasNotUsedForTheLongestTime() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 2));
        Cluster first = small.cluster("first");
        Cluster second = small.cluster("second");
        pass(small, Duration.ofSeconds(2));
        pick(first);
        pass(small, Duration.ofSeconds(2));

        Cluster third = small.cluster("third");

        assertThat(small.clusters()).containsExactlyInAnyOrder(first, third);
        assertThat(pick(third)).isEqualTo(A);
        pass(small, Duration.ofSeconds(2));
        assertThat(second.isSettled()).isTrue();
        assertThat(pick(second)).as("which is served when it is used again").isEqualTo(A);
    }

    @Test
    void nameThatDoesNotExist_goesBeforeOneThatDoes() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 2));
        Cluster real = small.cluster("real");
        pass(small, Duration.ofSeconds(2));
        source.absent = true;
        small.cluster("junk-1");
        pass(small, Duration.ofSeconds(2));

        Cluster junk = small.cluster("junk-2");

        assertThat(small.clusters()).containsExactlyInAnyOrder(real, junk);
    }

    @Test
    void oneNameTooMany_whereAllAreInUse_failsWithAClearError_andWorksWhenThereIsRoom() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 2));
        pick(small.cluster("first"));
        pick(small.cluster("second"));

        Cluster third = small.cluster("third");

        assertThat(third.isSettled()).as("nothing is waited for").isTrue();
        assertThatThrownBy(() -> pick(third))
                .isInstanceOf(NoEndpointException.class)
                .hasMessage("no endpoint for third: control plane counting:1 is not asked for it: 2 services that no"
                        + " configuration names are in use, which is the most there may be. Name it in the"
                        + " configuration, or allow more");
        assertThat(source.watched).containsOnlyKeys("first", "second");
        pass(small, Duration.ofSeconds(2));
        assertThat(third.isSettled()).isTrue();
        assertThat(pick(third)).isEqualTo(A);
    }

    @Test
    void requestsToARefusedName_makeNothingAnew() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 1));
        pick(small.cluster("first"));
        Cluster second = small.cluster("second");
        ClusterPicker refusing = second.picker();

        for (int i = 0; i < 100; i++) {
            assertThat(second.isSettled()).isTrue();
            assertThatThrownBy(() -> pick(second)).isInstanceOf(NoEndpointException.class);
        }

        assertThat(second.picker()).isSameAs(refusing);
    }

    @Test
    void refusedName_isServedAsSoonAsAnotherOneIsClosed_andIsToldTheReasonAgainLater() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 1));
        Cluster first = small.cluster("first");
        Cluster second = small.cluster("second");
        assertThatThrownBy(() -> pick(second)).hasMessageContaining("which is the most there may be");

        first.close();
        assertThat(second.isSettled()).isTrue();
        assertThat(pick(second)).isEqualTo(A);

        pass(small, Duration.ofSeconds(2));
        pick(small.cluster("third"));
        assertThatThrownBy(() -> pick(second)).isInstanceOf(NoEndpointException.class);
        assertThatThrownBy(() -> pick(second)).hasMessageContaining("which is the most there may be");
    }

    @Test
    void configuredNamesAndListeners_areAdmittedAlways_andTakeNoRoom() {
        ClusterRegistry small = registry(new ClusterLifetime(IDLE, 1), "configured");
        pick(small.cluster("first"));

        Cluster configured = small.cluster("configured");
        Cluster listened = small.cluster("listened");
        listened.onPublish(() -> {});

        assertThat(pick(configured)).isEqualTo(A);
        assertThat(listened.isSettled()).isTrue();
        assertThat(pick(listened)).isEqualTo(A);
        assertThat(small.clusters()).hasSize(3);
    }

    @Test
    void ejection_isForgottenWithTheCluster() {
        Cluster cluster = registry.cluster(ORDERS);
        source.endpoints = List.of(A, Endpoint.builder("10.0.0.2", 8080).build());
        source.answer(ORDERS);
        for (int i = 0; i < 5; i++) {
            cluster.lease(cluster.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE))
                    .end(Outcome.FAILURE);
        }
        assertThat(cluster.picker().plan().ejected()).isEqualTo(1);

        pass(registry, IDLE.plusSeconds(1));
        assertThat(cluster.isSettled()).isTrue();

        assertThat(cluster.picker().plan().ejected()).isZero();
        assertThat(cluster.picker().plan().eligible()).isEqualTo(2);
    }

    @Test
    void closedRegistry_wakesNobody() {
        Cluster cluster = registry.cluster(ORDERS);
        Cluster unused = registry.cluster("other");
        registry.close();

        assertThat(cluster.isSettled()).isTrue();
        assertThatThrownBy(() -> pick(cluster)).hasMessageContaining("closed");
        assertThatThrownBy(() -> pick(registry.cluster("new"))).hasMessageContaining("closed");
        assertThat(source.watched).isEmpty();
    }

    private ClusterRegistry registry(ClusterLifetime lifetime, String... configured) {
        ClusterSettings settings = ClusterSettings.of(new P2cLeastRequest(random));
        ClusterSettingsProvider provider = new ClusterSettingsProvider() {
            @Override
            public ClusterSettings settings(String resource, ServicePolicy policy) {
                return settings;
            }

            @Override
            public boolean isConfigured(String resource) {
                return List.of(configured).contains(resource);
            }
        };
        return ClusterRegistry.driven(source, provider, lifetime, clock, random, ConnectionCheck.NONE);
    }

    private void pass(ClusterRegistry ticked, Duration time) {
        for (long i = 0; i < time.toMillis() / 100; i++) {
            clock.advance(ClusterRegistry.TICK);
            ticked.tick();
        }
    }

    private static Endpoint pick(Cluster cluster) {
        return cluster.picker().pick(RequestAttributes.NONE).endpoint();
    }

    /** Answers at once, on the subscriber's thread, and counts who watches. */
    private static final class CountingSource implements EndpointSource {
        private final Map<String, Watcher> watched = new HashMap<>();
        private List<Endpoint> endpoints = List.of(A);
        private boolean silent;
        private boolean absent;
        private int subscribed;

        @Override
        public Subscription subscribe(String resource, Watcher watcher) {
            subscribed++;
            watched.put(resource, watcher);
            if (!silent) {
                answer(resource);
            }
            return () -> watched.remove(resource, watcher);
        }

        private void answer(String resource) {
            if (absent) {
                watched.get(resource).onAbsent("no such Service");
            } else {
                watched.get(resource).onSnapshot(new EndpointSnapshot(resource, "1", endpoints));
            }
        }

        @Override
        public String description() {
            return "control plane counting:1";
        }

        @Override
        public void close() {
            watched.clear();
        }
    }
}
