/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which endpoints of one service are served as ready because too many were lost at once. For one projection. */
final class HeldEndpoints {
    private final ServiceKey service;
    private final Map<KubernetesClusterName, Disruptions> ofService = new HashMap<>();
    private final Map<KubernetesClusterName, Set<PodKey>> held = new HashMap<>();

    HeldEndpoints(ServiceKey service) {
        this.service = service;
    }

    /** Returns whether an endpoint that is not ready and does not leave is served as ready. */
    boolean hold(KubernetesClusterName cluster, ClusterObjects objects, @Nullable PodObject pod) {
        UnheardPods unheard = objects.unheard();
        if (pod == null || unheard.isEmpty()) {
            return false;
        }
        if (!unheard.isHeld(pod, ofService.computeIfAbsent(cluster, name -> disruptions(objects)))) {
            return false;
        }
        held.computeIfAbsent(cluster, name -> new HashSet<>()).add(pod.key());
        return true;
    }

    /** Returns how many pods are held in each cluster that has any. */
    Map<KubernetesClusterName, Integer> counts() {
        Map<KubernetesClusterName, Integer> counts = new HashMap<>();
        held.forEach((cluster, pods) -> counts.put(cluster, pods.size()));
        return counts;
    }

    private Disruptions disruptions(ClusterObjects objects) {
        Map<PodKey, PodObject> lost = new HashMap<>();
        Set<Object> ready = new HashSet<>();
        for (SliceObject slice : objects.slicesOf(service)) {
            for (SliceObject.Endpoint endpoint : slice.endpoints()) {
                PodObject pod = objects.podOf(slice.namespace(), endpoint);
                if (endpoint.ready() && !endpoint.terminating()) {
                    ready.add(pod == null ? endpoint.addresses() : pod.key());
                } else if (!endpoint.terminating() && pod != null) {
                    lost.put(pod.key(), pod);
                }
            }
        }
        return objects.unheard().ofService(lost.values(), ready.size());
    }
}
