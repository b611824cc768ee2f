/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What may look different after a change, and since when. Confined to the writer thread. */
final class Touched {
    private final Set<ServiceKey> services = new LinkedHashSet<>();
    private final Set<PodKey> pods = new LinkedHashSet<>();
    private final Set<ObjectId> routing = new LinkedHashSet<>(); // routing objects
    private boolean listing; // which objects are unlisted
    private final Map<ServiceKey, Instant> since = new HashMap<>(); // of services, for the meters; the oldest

    Set<ServiceKey> services() {
        return services;
    }

    Set<PodKey> pods() {
        return pods;
    }

    /** Returns the {@link RoutingObject}s that may look different. */
    Set<ObjectId> routing() {
        return routing;
    }

    /** Returns whether other objects may be unlisted now. */
    boolean listing() {
        return listing;
    }

    void setListing(boolean touched) {
        listing = touched;
    }

    /** Returns when the oldest change of a service began; null when that was not said. */
    @Nullable
    Instant since(ServiceKey service) {
        return since.get(service);
    }

    /** Takes a service out; returns when the oldest change of it began, null when that was not said. */
    @Nullable
    Instant take(ServiceKey service) {
        services.remove(service);
        return since.remove(service);
    }

    /** Notes when the change of a service began. */
    void began(ServiceKey service, Instant when) {
        since.merge(service, when, (one, other) -> one.isBefore(other) ? one : other);
    }

    /** The same for all services of which nothing was noted. */
    void othersBegan(Instant when) {
        services.forEach(service -> since.putIfAbsent(service, when));
    }

    void add(Touched other) {
        services.addAll(other.services);
        pods.addAll(other.pods);
        routing.addAll(other.routing);
        listing |= other.listing;
        other.since.forEach(this::began);
    }

    void clear() {
        services.clear();
        pods.clear();
        routing.clear();
        listing = false;
        since.clear();
    }
}
