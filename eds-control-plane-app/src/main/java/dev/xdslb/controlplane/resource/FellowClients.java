/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.topology.PodKey;
import dev.xdslb.controlplane.topology.PodPlace;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many ready pods a client's own service has in each zone, and which services' endpoints are told otherwise when that
 * changes.
 *
 * <p>Every lookup notes for which service a pod was counted; the topology's writer takes the note away when it announces, and the
 * lookups that follow note it again. So what is kept is bounded by what existing pods ask for.
 */
final class FellowClients {
    private final Topology topology;
    private final ServiceCatalog catalog;
    private final Map<PodKey, Set<String>> countedFor = new ConcurrentHashMap<>(); // sets guarded by their entry

    FellowClients(Topology topology, ServiceCatalog catalog) {
        this.topology = topology;
        this.catalog = catalog;
    }

    /**
     * Returns how many pods of the client's own service are ready in each zone; empty where the client names no pod, or one that
     * belongs to no service.
     *
     * @param target the service that is asked for
     */
    Map<String, Integer> byZone(ClientVariant client, ServiceKey target) {
        PodKey pod = new PodKey(client.namespace(), client.pod());
        if (client.pod().isEmpty() || topology.place(pod) == null) {
            return Map.of();
        }
        countedFor.compute(pod, (key, present) -> {
            Set<String> targets = present == null ? new HashSet<>(2) : present;
            targets.add(target.toString());
            return targets;
        });
        PodPlace place = topology.place(pod); // after the note, or a change between the two would be missed
        if (place == null) {
            countedFor.remove(pod);
            return Map.of();
        }
        ServiceResources own = place.services().isEmpty()
                ? null
                : catalog.get(place.services().get(0).service());
        return own == null ? Map.of() : own.readyByZone();
    }

    /** Returns the services whose endpoints were told to one of these pods. */
    Set<String> touchedBy(List<PlaceChange> changes) {
        Set<String> touched = new LinkedHashSet<>();
        for (PlaceChange change : changes) {
            Set<String> targets = countedFor.remove(change.pod());
            if (targets != null) {
                touched.addAll(targets);
            }
        }
        return touched;
    }
}
