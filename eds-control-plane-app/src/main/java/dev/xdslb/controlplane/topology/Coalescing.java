/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Decides when what has changed is announced: each service at its own {@link Pace}, so that one that is restless delays no other; the
 * places of pods together, and so the objects that say how requests come in.
 *
 * <p>Confined to the writer thread; times are those of {@link System#nanoTime()}.
 */
final class Coalescing {
    private final Duration quiet;
    private final Duration maximum;
    private final Map<ServiceKey, Pace> services = new HashMap<>(); // of those that are pending, or were a moment ago
    private final Set<ServiceKey> pending = new LinkedHashSet<>();
    private final Pace places;
    private final Pace routing;

    Coalescing(Duration quiet, Duration maximum) {
        this.quiet = quiet;
        this.maximum = maximum;
        this.places = new Pace(quiet, maximum);
        this.routing = new Pace(quiet, maximum);
    }

    /**
     * Learns what may look different now.
     *
     * @param urgent whether it may open or close an endpoint
     */
    void changed(Touched touched, long now, boolean urgent) {
        for (ServiceKey service : touched.services()) {
            services.computeIfAbsent(service, key -> new Pace(quiet, maximum)).changed(now, urgent);
            pending.add(service);
        }
        if (!touched.pods().isEmpty()) {
            places.changed(now, false);
        }
        if (!touched.routing().isEmpty() || touched.listing()) {
            routing.changed(now, true);
        }
    }

    /** Returns how long to wait from now on until anything is due; 0 or less means now, {@link Long#MAX_VALUE} that nothing is pending. */
    long nanosUntilDue(long now) {
        long soonest = places.isPending() ? places.nanosUntilDue(now) : Long.MAX_VALUE;
        if (routing.isPending()) {
            soonest = Math.min(soonest, routing.nanosUntilDue(now));
        }
        for (ServiceKey service : pending) {
            soonest = Math.min(soonest, pace(service).nanosUntilDue(now));
        }
        return soonest;
    }

    /** Returns the services that are due. */
    List<ServiceKey> due(long now) {
        List<ServiceKey> due = new ArrayList<>();
        for (ServiceKey service : pending) {
            if (pace(service).nanosUntilDue(now) <= 0) {
                due.add(service);
            }
        }
        return due;
    }

    /** Returns all services that are pending, due or not. */
    List<ServiceKey> all() {
        return List.copyOf(pending);
    }

    /** A service is not pending any more. */
    void done(ServiceKey service, long now, boolean announced) {
        pace(service).done(now, announced);
        pending.remove(service);
    }

    /** The places of pods are not pending any more. */
    void placesDone(long now) {
        places.done(now, true);
    }

    /** Returns whether the routing objects are pending and due. */
    boolean routingIsDue(long now) {
        return routing.isPending() && routing.nanosUntilDue(now) <= 0;
    }

    /** The routing objects are not pending any more. */
    void routingDone(long now) {
        routing.done(now, true);
    }

    /** Forgets the services that were announced so long ago that it delays nothing any more. */
    void forget(long now) {
        services.entrySet()
                .removeIf(entry -> !pending.contains(entry.getKey())
                        && entry.getValue().nanosSinceAnnounced(now) >= quiet.toNanos());
    }

    private Pace pace(ServiceKey service) {
        return requireNonNull(services.get(service), "one that is pending");
    }
}
