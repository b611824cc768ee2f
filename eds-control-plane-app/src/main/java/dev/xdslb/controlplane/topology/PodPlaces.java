/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.topology.TopologyListener.PlaceChange;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The places of all pods, by name and by address. Written by the topology's writer thread, read by everybody; a reader
 * may see an address just before or after the pod that has it.
 */
final class PodPlaces {

    private final Map<PodKey, PodPlace> byPod = new ConcurrentHashMap<>();
    private final Map<String, Set<PodKey>> byAddress = new ConcurrentHashMap<>(); // the sets are never changed

    @Nullable
    PodPlace get(PodKey pod) {
        return byPod.get(pod);
    }

    List<PodPlace> at(String address) {
        List<PodPlace> places = new ArrayList<>();
        for (PodKey pod : byAddress.getOrDefault(address, Set.of())) {
            PodPlace place = byPod.get(pod);
            if (place != null) {
                places.add(place);
            }
        }
        return places;
    }

    /** Replaces the place of a pod, null when there is no such pod. Returns the change, null for none. */
    @Nullable
    PlaceChange replace(PodKey pod, @Nullable PodPlace after) {
        PodPlace before = byPod.get(pod);
        if (Objects.equals(before, after)) {
            return null;
        }
        Set<String> addresses = new LinkedHashSet<>();
        if (before != null) {
            addresses.addAll(before.addresses());
            before.addresses().forEach(address -> remove(address, pod));
        }
        if (after != null) {
            addresses.addAll(after.addresses());
            after.addresses().forEach(address -> add(address, pod));
            byPod.put(pod, after);
        } else {
            byPod.remove(pod);
        }
        return new PlaceChange(pod, addresses);
    }

    private void add(String address, PodKey pod) {
        byAddress.merge(address, Set.of(pod), (present, one) -> {
            Set<PodKey> more = new LinkedHashSet<>(present);
            more.addAll(one);
            return more;
        });
    }

    private void remove(String address, PodKey pod) {
        byAddress.computeIfPresent(address, (key, present) -> {
            Set<PodKey> fewer = new LinkedHashSet<>(present);
            fewer.remove(pod);
            return fewer.isEmpty() ? null : fewer;
        });
    }
}
