/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.endpoint.Locality;
import java.util.List;
import java.util.Map;
import org.apiguardian.api.API;

/**
 * Where clusters get their endpoints from, usually a stream to a control plane. Thread-safe; no method blocks.
 */
@API(status = API.Status.EXPERIMENTAL)
public interface EndpointSource extends AutoCloseable {

    /**
     * Asks for a resource and keeps asking until the subscription is closed.
     *
     * <p>The watcher is told on a thread of the source's, one call at a time, never from within this method.
     *
     * @param resource a cluster's name such as {@code orders.shop:8080}, or one of its aliases
     */
    Subscription subscribe(String resource, Watcher watcher);

    /**
     * Asks where this process runs, and keeps asking. Only one watcher is told; unless overridden, it learns at once that
     * this source does not know.
     */
    default void locate(PlaceWatcher watcher) {
        watcher.onUnknown(description() + " is not asked for it");
    }

    /** Returns what fails at present in this source's own threads, or in what its watchers do there; none unless overridden. */
    default List<Fault> faults() {
        return List.of();
    }

    /** Returns what error messages call this source, such as {@code control plane 10.0.0.7:18000}. */
    String description();

    /** Ends every subscription and gives up every connection. */
    @Override
    void close();

    /** Learns what becomes of one resource. */
    interface Watcher {

        /** All endpoints of the resource at this moment, and its policy; replaces what was told before. */
        void onSnapshot(ServiceSnapshot snapshot);

        /** All endpoints of the resource at this moment, from a source that says nothing about policies. */
        default void onSnapshot(EndpointSnapshot endpoints) {
            onSnapshot(ServiceSnapshot.of(endpoints));
        }

        /**
         * The source is certain that there is no such resource, now. It goes on watching for it.
         *
         * @param reason what was asked for, why there is none, and what is there instead
         */
        void onAbsent(String reason);

        /**
         * The source cannot answer at the moment: it is not connected, or its answer was unusable. What was told before
         * stays valid. It goes on trying. Told once per change of the reason, not once per attempt.
         *
         * @param reason what was tried and what came of it
         */
        void onUnavailable(String reason);
    }

    /** Learns where this process runs. Told on a thread of the source's, one call at a time, only what is new. */
    interface PlaceWatcher {

        /** It runs here. */
        void onPlace(Place place);

        /**
         * The source does not know, or no longer. It goes on asking.
         *
         * @param reason what was asked and what came of it
         */
        void onUnknown(String reason);
    }

    /**
     * Where a process runs, and who runs beside it.
     *
     * @param locality its zone may be empty, which means unknown
     * @param services the resource names of the services that this process serves for, the narrowest first
     * @param clientsByZone how many endpoints of the first of these services are ready, by zone; empty where the source
     *     does not count them
     * @param clientsByLocality the same by region and zone; empty where the source does not tell regions apart
     */
    record Place(
            Locality locality,
            List<String> services,
            Map<String, Integer> clientsByZone,
            Map<Locality, Integer> clientsByLocality) {
        public Place {
            requireNonNull(locality, "locality");
            services = List.copyOf(services);
            clientsByZone = Map.copyOf(clientsByZone);
            clientsByLocality = Map.copyOf(clientsByLocality);
        }

        /** Returns a place told by a source that does not tell regions apart. */
        public Place(Locality locality, List<String> services, Map<String, Integer> clientsByZone) {
            this(locality, services, clientsByZone, Map.of());
        }
    }

    /** A resource that somebody watches. */
    interface Subscription extends AutoCloseable {

        /** Stops watching. The watcher may be told about what was already under way. Idempotent. */
        @Override
        void close();
    }
}
