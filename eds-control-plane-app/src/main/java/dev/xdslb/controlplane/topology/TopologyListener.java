/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/** Who is told what changed. */
public interface TopologyListener {

    /** Called by the writer thread after the new views are visible: return soon, and do not throw. */
    void changed(List<ServiceChange> changes);

    /** The same for the places of pods. */
    default void placesChanged(List<PlaceChange> changes) {}

    /** The same for the objects that say how requests come in. */
    default void routingChanged(List<RoutingChange> changes) {}

    /**
     * The same for objects of which nothing is known yet, so that what depends on them is not complete. Called before the first
     * of the objects is told that is made of less than there may be, and with what is known after the objects.
     *
     * @param unlisted all of them, and why; the texts are empty while they are being read
     */
    default void listingChanged(SortedMap<ObjectScope, String> unlisted) {}

    /**
     * One service; the first view is null when it is new, the second when it is gone. They are never equal.
     *
     * @param since when the oldest of what changed it happened, or was taken over; null when it is not known
     */
    record ServiceChange(
            ServiceKey key,
            @Nullable ServiceView before,
            @Nullable ServiceView after,
            @Nullable Instant since) {

        public ServiceChange(ServiceKey key, @Nullable ServiceView before, @Nullable ServiceView after) {
            this(key, before, after, null);
        }

        /** Returns whether something that could be used cannot be any more: an endpoint, a port, the service. */
        public boolean withdraws() {
            if (before == null || after == null) {
                return before != null;
            }
            return !usable(after).containsAll(usable(before));
        }

        private static Set<String> usable(ServiceView view) {
            Set<String> usable = new HashSet<>();
            for (ServiceView.PortView port : view.ports()) {
                for (EndpointView endpoint : port.endpoints()) {
                    if (endpoint.health() == EndpointView.Health.READY) {
                        usable.add(port.port().number() + " " + endpoint.address() + " " + endpoint.port());
                    }
                }
            }
            return usable;
        }
    }

    /**
     * One routing object.
     *
     * @param object null when it is gone
     */
    record RoutingChange(ObjectId id, @Nullable RoutingObject object) {}

    /**
     * A pod whose place is another one, new or gone.
     *
     * @param addresses those that it has and those that it had
     */
    record PlaceChange(PodKey pod, Set<String> addresses) {}
}
