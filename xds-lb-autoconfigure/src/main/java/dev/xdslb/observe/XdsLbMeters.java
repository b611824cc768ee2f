/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.FaultBoundary;
import dev.xdslb.cluster.Faults;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Puts the meters of {@link XdsLbMeter} into registries, once a second those of what has come, and takes out those of what has gone: a cluster
 * that sleeps, a zone without endpoints, an endpoint that has left. A request pays nothing for it: what is measured anyway is looked at
 * once a second, by a thread of its own.
 *
 * <p>A cluster that only requests name has meters from its first endpoint on: who asks for a thousand names that do not exist makes
 * none. All that changes is guarded by this.
 */
public final class XdsLbMeters implements MeterBinder, AutoCloseable {
    /** How old what meters show may be. */
    static final Duration REFRESH = Duration.ofSeconds(1);

    private final ClusterRegistry clusters;
    private final Supplier<Set<String>> configured;
    private final int maxEndpoints;
    private final InstantSource clock;
    private final FaultBoundary boundary = new Faults().boundary("the meters of xds-lb", "they are looked at again");
    private final List<Bound> bound = new ArrayList<>();
    private @Nullable ScheduledExecutorService thread; // null before the first registry
    private boolean closed;

    /**
     * Makes meters that are in no registry yet.
     *
     * @param configured the resources of the services that the configuration names at the moment
     * @param maxEndpoints how many endpoints, of all clusters together, have meters of their own; 0 for none
     */
    public XdsLbMeters(
            ClusterRegistry clusters, Supplier<Set<String>> configured, int maxEndpoints, InstantSource clock) {
        this.clusters = clusters;
        this.configured = configured;
        this.maxEndpoints = maxEndpoints;
        this.clock = clock;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        add(registry);
        refresh();
        start();
    }

    private synchronized void add(MeterRegistry registry) {
        if (!closed) {
            bound.add(new Bound(registry));
        }
    }

    private synchronized void start() {
        if (thread != null || closed) {
            return;
        }
        thread = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread made = new Thread(task, "xds-lb-meters");
            made.setDaemon(true);
            return made;
        });
        ScheduledFuture<?> unused = thread.scheduleWithFixedDelay(
                this::refresh, REFRESH.toMillis(), REFRESH.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Looks at everything as it is now. Throws nothing. */
    synchronized void refresh() {
        Collection<Cluster> awake = clusters.clusters();
        for (Bound registry : bound) {
            boundary.run(() -> registry.refresh(awake));
        }
    }

    /** Takes all meters out of all registries. */
    @Override
    public synchronized void close() {
        closed = true;
        if (thread != null) {
            thread.shutdownNow();
        }
        bound.forEach(Bound::close);
        bound.clear();
    }

    /** What is in one registry. */
    private final class Bound {
        private final MeterRegistry registry;
        private final EndpointBudget budget = new EndpointBudget(maxEndpoints);
        private final ProcessMeters process;
        private final Map<Cluster, ClusterMeters> meters = new LinkedHashMap<>(); // by identity

        private Bound(MeterRegistry registry) {
            this.registry = registry;
            this.process = new ProcessMeters(registry, clusters, clock, budget);
        }

        private void refresh(Collection<Cluster> awake) {
            Set<Cluster> present = new HashSet<>(awake);
            meters.entrySet().removeIf(entry -> {
                boolean gone = !present.contains(entry.getKey());
                if (gone) {
                    entry.getValue().close();
                }
                return gone;
            });
            Set<String> names = configured.get();
            RuntimeException failed = null; // one cluster that fails does not keep the others from theirs
            for (Cluster cluster : awake) {
                try {
                    refresh(cluster, names);
                } catch (RuntimeException e) {
                    failed = failed == null ? e : failed;
                }
            }
            process.refresh(awake);
            if (failed != null) {
                throw failed;
            }
        }

        private void refresh(Cluster cluster, Set<String> names) {
            ClusterMeters known = meters.get(cluster);
            if (known == null
                    && (names.contains(cluster.resource())
                            || cluster.picker().plan().known() > 0)) {
                known = new ClusterMeters(registry, cluster, budget);
                meters.put(cluster, known);
            }
            if (known != null) {
                known.refresh();
            }
        }

        private void close() {
            meters.values().forEach(ClusterMeters::close);
            meters.clear();
            process.close();
        }
    }
}
