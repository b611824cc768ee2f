/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyListener.RoutingChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Tells the listeners what changed. What a listener could not be told, because it or something that it calls failed, is
 * told again with its next change or at {@link #tellAgain}, as it is by then: without that it would stay out of date until
 * the same service changes once more.
 *
 * <p>Listeners are added by any thread; everything else is confined to the writer thread.
 */
final class Announcer {
    private final List<TopologyListener> listeners = new CopyOnWriteArrayList<>();
    private final FaultBoundary boundary;
    private final Map<TopologyListener, Untold> untold = new LinkedHashMap<>();
    private final Set<TopologyListener> untoldListing = new LinkedHashSet<>();

    Announcer(FaultBoundary boundary) {
        this.boundary = boundary;
    }

    private record Untold(Set<ServiceKey> services, Set<PlaceChange> places, Set<ObjectId> routing) {}

    void add(TopologyListener listener) {
        listeners.add(listener);
    }

    void services(List<ServiceChange> changes) {
        List<ServiceChange> unmodifiable = Collections.unmodifiableList(changes);
        for (TopologyListener listener : listeners) {
            if (!boundary.run(listener, () -> listener.changed(unmodifiable))) {
                Set<ServiceKey> missed = untold(listener).services();
                changes.forEach(change -> missed.add(change.key()));
            }
        }
    }

    void places(List<PlaceChange> changes) {
        List<PlaceChange> unmodifiable = Collections.unmodifiableList(changes);
        for (TopologyListener listener : listeners) {
            if (!boundary.run(listener, () -> listener.placesChanged(unmodifiable))) {
                untold(listener).places().addAll(changes);
            }
        }
    }

    void routing(List<RoutingChange> changes) {
        List<RoutingChange> unmodifiable = Collections.unmodifiableList(changes);
        for (TopologyListener listener : listeners) {
            if (!boundary.run(listener, () -> listener.routingChanged(unmodifiable))) {
                changes.forEach(change -> untold(listener).routing().add(change.id()));
            }
        }
    }

    void listing(SortedMap<ObjectScope, String> unlisted) {
        for (TopologyListener listener : listeners) {
            if (boundary.run(listener, () -> listener.listingChanged(unlisted))) {
                untoldListing.remove(listener);
            } else {
                untoldListing.add(listener);
            }
        }
    }

    /** Tries what failed before with the state that there is now. */
    void tellAgain(
            Map<ServiceKey, ServiceView> views,
            Map<ObjectId, RoutingObject> routing,
            SortedMap<ObjectScope, String> unlisted) {
        untoldListing.removeIf(listener -> boundary.run(listener, () -> listener.listingChanged(unlisted)));
        if (untold.isEmpty()) {
            return;
        }
        Map<TopologyListener, Untold> trying = new LinkedHashMap<>(untold);
        untold.clear();
        trying.forEach((listener, missed) -> {
            List<ServiceChange> changes = new ArrayList<>();
            missed.services().forEach(key -> changes.add(new ServiceChange(key, null, views.get(key))));
            List<RoutingChange> routes = new ArrayList<>();
            missed.routing().forEach(id -> routes.add(new RoutingChange(id, routing.get(id))));
            boolean told = boundary.run(listener, () -> {
                if (!changes.isEmpty()) {
                    listener.changed(changes);
                }
                if (!missed.places().isEmpty()) {
                    listener.placesChanged(List.copyOf(missed.places()));
                }
                if (!routes.isEmpty()) {
                    listener.routingChanged(routes);
                }
            });
            if (!told) {
                untold.put(listener, missed);
            }
        });
    }

    private Untold untold(TopologyListener listener) {
        return untold.computeIfAbsent(
                listener, key -> new Untold(new LinkedHashSet<>(), new LinkedHashSet<>(), new LinkedHashSet<>()));
    }
}
