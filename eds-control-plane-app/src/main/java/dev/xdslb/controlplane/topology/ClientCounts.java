/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.topology.PodPlace.Membership;
import dev.xdslb.controlplane.topology.ServiceView.PortView;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Finds the pods whose place says how many of their own service are ready in each zone, and decides when they are told of
 * other numbers. A share of the clients is needed for a decision that is right on average, so it may be some seconds old:
 * the roll-out of a service of N pods then costs N messages every few seconds, instead of N for each pod. Confined to the
 * writer thread.
 */
final class ClientCounts {
    private static final Duration QUIET = Duration.ofSeconds(1);
    private static final Duration MAXIMUM = Duration.ofSeconds(5);

    private final Pace pace = new Pace(QUIET, MAXIMUM);
    private final Map<ServiceKey, ServiceView> pending = new LinkedHashMap<>(); // as it was when it was last told

    void changed(List<ServiceChange> changes, long now) {
        for (ServiceChange change : changes) {
            // The pods of a service that is new or gone belong to other services now, which is announced by itself.
            ServiceView before = change.before();
            ServiceView after = change.after();
            if (before != null
                    && after != null
                    && (!readyByZone(before).equals(readyByZone(after))
                            || NarrowestService.pods(before) != NarrowestService.pods(after))) {
                pending.putIfAbsent(change.key(), before);
                pace.changed(now, false);
            }
        }
    }

    /** Returns how long to wait from now on until {@link #due} returns something. */
    long nanosUntilDue(long now) {
        return pace.isPending() ? pace.nanosUntilDue(now) : Long.MAX_VALUE;
    }

    /** Returns the places that say other numbers now; empty when none does, or when it is too early to tell. */
    List<PlaceChange> due(long now, Map<ServiceKey, ServiceView> views, PodPlaces places) {
        if (!pace.isPending() || pace.nanosUntilDue(now) > 0) {
            return List.of();
        }
        Set<PodKey> pods = new LinkedHashSet<>();
        for (ServiceKey service : pending.keySet()) {
            PortView port = port(views.get(service));
            if (port != null) {
                port.endpoints().stream()
                        .filter(endpoint -> !endpoint.podName().isEmpty())
                        .forEach(endpoint -> pods.add(new PodKey(service.namespace(), endpoint.podName())));
            }
        }
        List<PlaceChange> changes = new ArrayList<>();
        for (PodKey pod : pods) {
            PodPlace place = places.get(pod);
            if (place != null && isTold(place, views)) {
                changes.add(new PlaceChange(pod, Set.copyOf(place.addresses())));
            }
        }
        pending.clear();
        pace.done(now, true);
        return changes;
    }

    /** Whether the numbers of its own service are others, or those of another service are. */
    private boolean isTold(PodPlace place, Map<ServiceKey, ServiceView> views) {
        ServiceKey now = own(place, views::get);
        ServiceKey before = own(place, service -> pending.getOrDefault(service, views.get(service)));
        return now != null && (pending.containsKey(now) || !now.equals(before));
    }

    private static @Nullable ServiceKey own(PodPlace place, Function<ServiceKey, @Nullable ServiceView> views) {
        List<Membership> services = NarrowestService.first(place.services(), views);
        return services.isEmpty() ? null : services.get(0).service();
    }

    private static Map<ZoneKey, Integer> readyByZone(@Nullable ServiceView view) {
        PortView port = port(view);
        return port == null ? Map.of() : port.readyByZone();
    }

    private static @Nullable PortView port(@Nullable ServiceView view) {
        return view == null ? null : view.fullestPort();
    }
}
