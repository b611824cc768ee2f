/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.ConnectionCheck;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/**
 * A cluster in a test's hands: its endpoints, its time and its chance are the test's. This is how a test comes by a {@link
 * Pool}, with candidates whose load it can change by leases.
 *
 * <pre>{@code
 * try (TestCluster cluster = TestCluster.of(new MyStrategy(), TestCluster.healthyEndpoints(3))) {
 *     Candidate busy = cluster.pool().get(0);
 *     Lease lease = cluster.lease(busy);
 *     assertThat(cluster.pick(RequestAttributes.NONE)).isNotSameAs(busy);
 *     lease.end(Outcome.FAILURE);
 *     cluster.advance(Duration.ofSeconds(1));
 * }
 * }</pre>
 *
 * <p>Picks and leases may come from many threads; all else is to be called by one.
 */
public final class TestCluster implements AutoCloseable {
    private static final String RESOURCE = "tested.default:80";
    private static final long SEED = 1;

    private final Queue<Runnable> deliveries = new ArrayDeque<>();
    private final DeclaredEndpoints source = new DeclaredEndpoints(deliveries::add);
    private final ClusterRegistry registry;
    private final Cluster cluster;
    private volatile long nanos;

    private TestCluster(ClusterSettings settings, List<Endpoint> endpoints) {
        registry = ClusterRegistry.driven(
                source,
                ClusterSettingsProvider.fixed(settings), // a test may let hours pass without a request
                ClusterLifetime.DEFAULT,
                () -> nanos,
                new SplittableRandom(SEED),
                ConnectionCheck.NONE);
        source.declare(RESOURCE, endpoints);
        cluster = registry.cluster(RESOURCE);
        deliver();
    }

    /** Makes a cluster that is balanced by a strategy, with the defaults for all else. */
    public static TestCluster of(LoadBalancingStrategy strategy, List<Endpoint> endpoints) {
        return of(ClusterSettings.of(strategy), endpoints);
    }

    /** Makes a cluster with these settings. */
    public static TestCluster of(ClusterSettings settings, List<Endpoint> endpoints) {
        return new TestCluster(settings, endpoints);
    }

    /** Returns endpoints of weight 1 at different addresses, all healthy. */
    public static List<Endpoint> healthyEndpoints(int count) {
        return IntStream.range(0, count).mapToObj(i -> endpoint(i).build()).toList();
    }

    /** Returns healthy endpoints at different addresses with these weights. */
    public static List<Endpoint> weightedEndpoints(int... weights) {
        return IntStream.range(0, weights.length)
                .mapToObj(i -> endpoint(i).weight(weights[i]).build())
                .toList();
    }

    /** Starts an endpoint at an address that no other number has; {@code i} is 0 to 65535. */
    public static Endpoint.Builder endpoint(int i) {
        return Endpoint.builder("10.0." + (i >> 8) + '.' + (i & 0xFF), 8080).pod("pod-" + i, "uid-" + i);
    }

    /** Replaces the endpoints, as a control plane does. */
    public void endpoints(List<Endpoint> endpoints) {
        source.declare(RESOURCE, endpoints);
        deliver();
    }

    /**
     * Returns who may be picked at this moment.
     *
     * @throws IllegalStateException when that is nobody, or when requests are divided among several pools by priority
     */
    public Pool pool() {
        List<Pool> groups = cluster.picker().plan().groups();
        if (groups.size() != 1) {
            throw new IllegalStateException("pools: " + groups.size()
                    + " (expected: 1, so at least one healthy endpoint " + "and all endpoints of one priority)");
        }
        return groups.get(0);
    }

    /** Returns a picker of the cluster's strategy for this moment's pool. */
    public Picker picker() {
        return cluster.settings().strategy().picker(pool());
    }

    /** Picks as an application does, policies included. */
    public Candidate pick(RequestAttributes request) {
        return cluster.picker().pick(request);
    }

    /** Counts a request to a candidate as in flight until the lease ends. */
    public Lease lease(Candidate candidate) {
        return cluster.lease(candidate);
    }

    /** Lets the time pass, with all that depends on it. */
    public void advance(Duration time) {
        long now = nanos;
        long until = now + time.toNanos();
        while (now < until) {
            now = Math.min(until, now + ClusterRegistry.TICK.toNanos());
            nanos = now;
            registry.tick();
        }
    }

    /** Returns the engine's object. */
    public Cluster cluster() {
        return cluster;
    }

    @Override
    public void close() {
        registry.close();
    }

    private void deliver() {
        for (Runnable delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.run();
        }
    }
}
