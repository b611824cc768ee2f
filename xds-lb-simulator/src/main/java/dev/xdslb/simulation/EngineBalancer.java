/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ConnectionCheck;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ConnectionResult;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.test.DeclaredEndpoints;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.List;
import java.util.Queue;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The engine as it runs in an application, with its clock and chance in the simulation's hands. */
final class EngineBalancer implements SimulatedBalancer {
    private static final String RESOURCE = "simulated.default:80";

    private final Supplier<RequestAttributes> requests;
    private final Queue<Runnable> deliveries = new ArrayDeque<>();
    private final DeclaredEndpoints source = new DeclaredEndpoints(deliveries::add);
    private final ClusterRegistry registry;
    private final Cluster cluster;
    private @Nullable Lease[] leases = new Lease[64]; // by request

    EngineBalancer(SimulatedClient client, ClusterSettings settings) {
        requests = client.requests();
        source.declare(RESOURCE, List.of());
        registry = ClusterRegistry.driven(
                source, resource -> settings, client.nanoClock(), client.random(), connectionCheck(client));
        registry.place(client);
        cluster = registry.cluster(RESOURCE);
    }

    /** Has its answer at once: a refusal takes a millisecond, and a check is begun by the tick, a tenth of a second apart. */
    private static ConnectionCheck connectionCheck(SimulatedClient client) {
        return (endpoint, result) -> result.accept(
                client.accepts().test(SimulatedPod.indexOf(endpoint))
                        ? ConnectionResult.CONNECTED
                        : ConnectionResult.FAILED);
    }

    @Override
    public void podsChanged(long now, List<SimulatedPod> pods) {
        source.declare(RESOURCE, pods.stream().map(SimulatedPod::endpoint).toList());
        for (Runnable delivery = deliveries.poll(); delivery != null; delivery = deliveries.poll()) {
            delivery.run();
        }
    }

    @Override
    public int pick(long now, int request) {
        Candidate candidate;
        try {
            candidate = cluster.picker().pick(requests.get());
        } catch (NoEndpointException e) {
            return NO_POD; // counted by the simulation as a failed request
        }
        if (request >= leases.length) {
            leases = Arrays.copyOf(leases, Math.max(request + 1, leases.length * 2));
        }
        leases[request] = cluster.lease(candidate);
        Endpoint endpoint = candidate.endpoint();
        return SimulatedPod.indexOf(endpoint);
    }

    @Override
    public void ended(long now, int request, int pod, Outcome outcome, long latencyNanos) {
        Lease lease = leases[request];
        if (lease == null) {
            throw new IllegalStateException("request " + request + " ended without having been picked");
        }
        leases[request] = null;
        lease.end(outcome);
    }

    @Override
    public boolean tryRetry(long now) {
        return cluster.retryBudget().tryRetry();
    }

    @Override
    public Duration tickInterval() {
        return ClusterRegistry.TICK;
    }

    @Override
    public void tick(long now) {
        registry.tick();
    }
}
