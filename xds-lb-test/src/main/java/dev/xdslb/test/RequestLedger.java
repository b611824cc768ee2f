/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.RequestCounts;
import dev.xdslb.policy.Member;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apiguardian.api.API;

/**
 * What the engine has counted of the requests to each endpoint since this object was made. It keeps the endpoints that it has
 * seen, so that one that has left is not forgotten; {@link #look} is to be called before one may. Thread-safe.
 */
@API(status = API.Status.INTERNAL)
public final class RequestLedger {
    private final ClusterRegistry registry;
    private final Map<EndpointLoad, Seen> seen = new LinkedHashMap<>(); // guarded by this

    /** Begins to count. */
    public RequestLedger(ClusterRegistry registry) {
        this.registry = requireNonNull(registry, "registry");
        for (Cluster cluster : registry.clusters()) {
            for (Member member : cluster.picker().members()) {
                see(cluster, member.load(), Figures.of(member.load()));
            }
        }
    }

    /** Returns the requests to a service: of one port where the reference has one, of all otherwise. */
    public SentRequests to(ServiceReference service) {
        return new SentRequests(this, service);
    }

    /** Remembers the endpoints that clusters have at this moment. Those that it does not know have come since it was made. */
    public synchronized void look() {
        for (Cluster cluster : registry.clusters()) {
            for (Member member : cluster.picker().members()) {
                see(cluster, member.load(), Figures.NONE);
            }
        }
    }

    synchronized List<SentRequests.ToEndpoint> read(ServiceReference service) {
        look();
        List<SentRequests.ToEndpoint> all = new ArrayList<>();
        seen.forEach((load, known) -> {
            if (known.services.stream().anyMatch(one -> matches(one, service))) {
                Figures now = Figures.of(load);
                all.add(new SentRequests.ToEndpoint(
                        load.key().address(),
                        now.sent() - known.before.sent(),
                        load.inFlight(),
                        now.ended.minus(known.before.ended)));
            }
        });
        return all;
    }

    /** Returns the services that the application has asked for, for messages. */
    String services() {
        String names =
                registry.clusters().stream().map(Cluster::resource).sorted().collect(Collectors.joining(", "));
        return names.isEmpty() ? "none" : names;
    }

    private synchronized void see(Cluster cluster, EndpointLoad load, Figures before) {
        seen.computeIfAbsent(load, unknown -> new Seen(before, new LinkedHashSet<>()))
                .services
                .add(ServiceReference.parse(cluster.resource()));
    }

    private static boolean matches(ServiceReference one, ServiceReference wanted) {
        return one.authority().equals(wanted.authority())
                && (wanted.port().isEmpty() || wanted.port().equals(one.port()));
    }

    /** An endpoint: what was counted before, and whose it is. */
    private record Seen(Figures before, Set<ServiceReference> services) {}

    /** What was counted at one moment; the end of a request that ends meanwhile may be missed, and is there the next time. */
    private record Figures(RequestCounts ended, long open) {
        private static final Figures NONE = new Figures(RequestCounts.NONE, 0);

        static Figures of(EndpointLoad load) {
            long open = (long) load.inFlight() + load.abandoned();
            return new Figures(load.counts(), open);
        }

        long sent() {
            return ended.succeeded() + ended.failed() + ended.refused() + ended.cancelled() + open;
        }
    }
}
