/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.ClientPlace;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.test.DeclaredEndpoints;
import java.util.List;

/**
 * The engine with every policy at its default: the real clock, the real tick, and a client whose zone is known. All clients
 * run in one of three zones, so that every pick divides by zone and still reaches every endpoint, as the peers' do.
 */
final class EngineRequests implements MeasuredBalancer {
    private static final String RESOURCE = "measured.default:8080";

    private final DeclaredEndpoints source = new DeclaredEndpoints();
    private final ClusterRegistry registry;
    private final Cluster cluster;

    EngineRequests(EndpointPool pool, LoadBalancingStrategy strategy) {
        source.declare(RESOURCE, pool.endpoints(0));
        registry = new ClusterRegistry(source, resource -> ClusterSettings.of(strategy));
        registry.place(new OneZone());
        cluster = registry.cluster(RESOURCE);
        cluster.settled().toCompletableFuture().join();
    }

    @Override
    public Object pickAndRelease() {
        Candidate candidate = cluster.picker().pick(RequestAttributes.NONE);
        cluster.end(candidate, cluster.begin(candidate), Outcome.SUCCESS);
        return candidate;
    }

    /** Replaces the endpoints, and returns when picks use the new ones. */
    void replace(List<Endpoint> endpoints) {
        Object before = cluster.picker();
        source.declare(RESOURCE, endpoints);
        while (cluster.picker() == before) {
            Thread.onSpinWait();
        }
    }

    @Override
    public void close() {
        registry.close();
    }

    private static final class OneZone implements ClientPlace {
        @Override
        public String zone() {
            return EndpointPool.zone(0);
        }

        @Override
        public double clientShare(String zoneOfClients) {
            return zoneOfClients.equals(zone()) ? 1 : 0;
        }
    }
}
