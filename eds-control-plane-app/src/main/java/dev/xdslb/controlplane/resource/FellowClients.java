/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.topology.NarrowestService;
import dev.xdslb.controlplane.topology.PodKey;
import dev.xdslb.controlplane.topology.PodPlace;
import dev.xdslb.controlplane.topology.PodPlace.Membership;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import dev.xdslb.controlplane.topology.TopologyListener.ServiceChange;
import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * How many ready pods a client's own service has in each zone, and which services' endpoints are told otherwise when that
 * changes.
 *
 * <p>Every lookup notes for which service a pod was counted; the topology's writer takes the note away when it announces, and the
 * lookups that follow note it again. A note outlives the stream, and anybody may name a pod, so there is a bound; beyond it the
 * fellows are as unknown.
 */
final class FellowClients {

    /** How many services are noted for one pod. */
    static final int MAX_OF_A_POD = 1_000;

    private static final int MAX_OF_ALL = 200_000;

    private final Topology topology;
    private final ServiceCatalog catalog;
    private final int maxOfAll;
    private final Map<PodKey, Set<ServiceKey>> countedFor = new ConcurrentHashMap<>(); // sets guarded by their entry
    private final AtomicInteger noted = new AtomicInteger(); // in all sets
    private final Map<ServiceKey, Set<ServiceKey>> countedByName =
            new ConcurrentHashMap<>(); // sets guarded by their entry
    private final AtomicInteger notedByName = new AtomicInteger();

    FellowClients(Topology topology, ServiceCatalog catalog) {
        this(topology, catalog, MAX_OF_ALL);
    }

    FellowClients(Topology topology, ServiceCatalog catalog, int maxOfAll) {
        this.topology = topology;
        this.catalog = catalog;
        this.maxOfAll = maxOfAll;
    }

    /**
     * Returns how many pods of the client's own service are ready in each zone, which is the one that it names, else the narrowest;
     * empty where the client names no pod, or one that belongs to no service, or one that has asked for too many.
     *
     * @param target the service that is asked for
     */
    Map<ZoneKey, Integer> byZone(ClientVariant client, ServiceKey target) {
        PodKey pod = new PodKey(client.namespace(), client.pod());
        if (client.pod().isEmpty() || topology.place(pod) == null || !note(pod, target)) {
            return Map.of();
        }
        PodPlace place = topology.place(pod); // after the note, or a change between the two would be missed
        if (place == null) {
            forget(pod);
            return Map.of();
        }
        List<Membership> services = NarrowestService.first(place.services(), topology::service);
        if (services.isEmpty()) {
            return Map.of();
        }
        ServiceKey narrowest = services.get(0).service();
        ServiceKey named = named(client, services);
        if (named != null && !named.equals(narrowest)) {
            if (!noteNamed(named, target)) {
                return Map.of();
            }
        }
        ServiceResources own = catalog.get(named == null ? narrowest : named);
        return own == null ? Map.of() : own.readyByZone();
    }

    /** Returns the service that the client says is its own; null where its pod does not belong to it. */
    private @Nullable ServiceKey named(ClientVariant client, List<Membership> services) {
        ResourceName name = client.service().isEmpty() ? null : catalog.name(client.service(), client);
        return name != null
                        && services.stream()
                                .anyMatch(membership -> membership.service().equals(name.service()))
                ? name.service()
                : null;
    }

    /** Returns whether it is noted, as places are announced for the narrowest service alone. Only services that exist are noted. */
    private boolean noteNamed(ServiceKey named, ServiceKey target) {
        AtomicBoolean done = new AtomicBoolean();
        countedByName.compute(named, (key, present) -> {
            Set<ServiceKey> targets = present == null ? new HashSet<>(2) : present;
            if (!targets.contains(target) && notedByName.get() < maxOfAll) {
                targets.add(target);
                notedByName.incrementAndGet();
            }
            done.set(targets.contains(target));
            return targets.isEmpty() ? null : targets;
        });
        return done.get();
    }

    /** Returns the services whose endpoints were told by the numbers of a service that clients have named as their own. */
    Set<String> touchedByServices(List<ServiceChange> changes) {
        Set<String> touched = new LinkedHashSet<>();
        for (ServiceChange change : changes) {
            Set<ServiceKey> targets = countedByName.remove(change.key());
            if (targets != null) {
                notedByName.addAndGet(-targets.size());
                targets.forEach(target -> touched.add(target.toString()));
            }
        }
        return touched;
    }

    private boolean note(PodKey pod, ServiceKey target) {
        AtomicBoolean done = new AtomicBoolean();
        countedFor.compute(pod, (key, present) -> {
            Set<ServiceKey> targets = present == null ? new HashSet<>(2) : present;
            if (targets.contains(target)) {
                done.set(true);
            } else if (targets.size() < MAX_OF_A_POD && noted.get() < maxOfAll) {
                targets.add(target);
                noted.incrementAndGet();
                done.set(true);
            }
            return targets.isEmpty() ? null : targets;
        });
        return done.get();
    }

    private Set<ServiceKey> forget(PodKey pod) {
        Set<ServiceKey> targets = countedFor.remove(pod);
        if (targets == null) {
            return Set.of();
        }
        noted.addAndGet(-targets.size());
        return targets;
    }

    /**
     * Returns the services whose endpoints were told to one of these pods, of those pods that are there: nobody needs to look again
     * for one that is gone, and all who subscribe to as many as a thousand services would.
     */
    Set<String> touchedBy(List<PlaceChange> changes) {
        Set<String> touched = new LinkedHashSet<>();
        for (PlaceChange change : changes) {
            Set<ServiceKey> targets = forget(change.pod());
            if (topology.place(change.pod()) != null) {
                targets.forEach(target -> touched.add(target.toString()));
            }
        }
        return touched;
    }
}
