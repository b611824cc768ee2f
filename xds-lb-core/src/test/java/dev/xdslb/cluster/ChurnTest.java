/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.LoadRegistry;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import java.lang.ref.WeakReference;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Pods come and go for as long as a process lives; nothing of those that went may stay. */
class ChurnTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final int PODS = 10;
    private static final int ROLLOUTS = 1_000;
    private static final int OPEN_FOR_ROLLOUTS = 3;
    private static final Duration SLOW_TICK = Duration.ofMillis(500);
    private static final Duration MAX_LEASE_AGE = Duration.ofMinutes(10);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private final LoadRegistry loads = new LoadRegistry(clock, MAX_LEASE_AGE);
    private final RandomGenerator random = Randoms.seeded();
    private final Cluster cluster = cluster();

    @Test
    void tenThousandChurnedPods_leaveNothingBehind_thoughRequestsOutliveThem() {
        List<WeakReference<EndpointLoad>> gone = new ArrayList<>();
        Queue<Lease> open = new ArrayDeque<>();
        for (int rollout = 0; rollout < ROLLOUTS; rollout++) {
            publish(rollout);
            Lease lease = cluster.lease(cluster.picker().pick(RequestAttributes.NONE));
            gone.add(new WeakReference<>(lease.load()));
            open.add(lease);
            if (open.size() > OPEN_FOR_ROLLOUTS) {
                open.remove().end(rollout % 2 == 0 ? Outcome.SUCCESS : Outcome.FAILURE);
            }
            tick();
        }
        open.forEach(lease -> lease.end(Outcome.CANCELLED));
        open.clear();
        publish(ROLLOUTS);
        tick();

        assertThat(loads.size()).isEqualTo(PODS);
        awaitCleared(gone);
    }

    @Test
    void podsWithLeasesThatNobodyEnds_areForgottenAfterTheMaximumAge() {
        List<WeakReference<EndpointLoad>> gone = new ArrayList<>();
        for (int rollout = 0; rollout < 100; rollout++) {
            publish(rollout);
            gone.add(new WeakReference<>(
                    cluster.lease(cluster.picker().pick(RequestAttributes.NONE)).load()));
            tick();
        }
        publish(ROLLOUTS);
        tick();
        assertThat(loads.size()).isEqualTo(PODS + 100);

        for (long passed = 0; passed <= MAX_LEASE_AGE.multipliedBy(2).toSeconds(); passed++) {
            clock.advance(Duration.ofSeconds(1));
            tick();
        }

        assertThat(loads.size()).isEqualTo(PODS);
        assertThat(loads.abandoned()).isEqualTo(100);
        awaitCleared(gone);
    }

    private void publish(int generation) {
        source.publish(
                ORDERS,
                IntStream.range(0, PODS)
                        .mapToObj(i -> Endpoint.builder("10.0.0." + i, 8080)
                                .pod("pod-" + i, "uid-" + generation + '-' + i)
                                .build())
                        .toArray(Endpoint[]::new));
    }

    private void tick() {
        clock.advance(SLOW_TICK);
        loads.tick();
        loads.slowTick();
        cluster.tick();
        cluster.slowTick();
    }

    private static void awaitCleared(List<WeakReference<EndpointLoad>> references) {
        await().pollInSameThread().until(() -> {
            System.gc();
            return references.stream().allMatch(reference -> reference.refersTo(null));
        });
    }

    private Cluster cluster() {
        ClusterSettings settings = ClusterSettings.of(new P2cEwma(random));
        Cluster made = new Cluster(
                ORDERS,
                new ClusterContext(
                        source,
                        source.description(),
                        (resource, policy) -> settings,
                        new ClusterRoster(ClusterLifetime.DEFAULT, clock),
                        ClientPlace.inZone("a"),
                        loads,
                        clock,
                        () -> Instant.EPOCH,
                        random,
                        Runnable::run,
                        Deadlines.BY_TICK,
                        ConnectionCheck.NONE,
                        new ForeignStrategies(Runnable::run),
                        new Faults(clock)));
        made.use();
        return made;
    }
}
