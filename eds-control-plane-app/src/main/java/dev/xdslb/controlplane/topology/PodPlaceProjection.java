/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import dev.xdslb.controlplane.topology.PodPlace.Membership;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where one pod runs, computed from the objects of every Kubernetes cluster. */
final class PodPlaceProjection {

    private PodPlaceProjection() {}

    /** Returns null when there is no such pod, or when there are several: nothing says then which one is meant. */
    static @Nullable PodPlace project(PodKey key, Map<KubernetesClusterName, ClusterObjects> clusters) {
        PodPlace place = null;
        for (Map.Entry<KubernetesClusterName, ClusterObjects> entry : clusters.entrySet()) {
            ClusterObjects objects = entry.getValue();
            PodObject pod = objects.pod(key);
            if (pod != null) {
                if (place != null) {
                    return null;
                }
                place = place(key, pod, entry.getKey(), objects);
            }
        }
        return place;
    }

    /** The node's labels are the truth; from Kubernetes 1.35 on, pods have a copy of them. */
    private static PodPlace place(PodKey key, PodObject pod, KubernetesClusterName cluster, ClusterObjects objects) {
        PodObject.Location location = pod.location();
        NodeObject node = location.nodeName().isEmpty() ? null : objects.node(location.nodeName());
        if (node == null || node.zone().isEmpty()) {
            String region = location.region().isEmpty() ? objects.regionOf(location.zone()) : location.region();
            node = new NodeObject(location.nodeName(), region, location.zone());
        }
        return new PodPlace(
                key,
                cluster,
                location.nodeName(),
                node.region(),
                node.zone(),
                location.addresses(),
                location.hostNetwork(),
                services(key, objects));
    }

    private static List<Membership> services(PodKey key, ClusterObjects objects) {
        List<Membership> services = new ArrayList<>(1);
        for (ServiceKey service : objects.servicesOf(key)) {
            ServiceObject object = objects.service(service);
            if (object != null
                    && object.externalName().isEmpty()
                    && !object.ports().isEmpty()) {
                services.add(new Membership(service, object.ports().get(0).number()));
            }
        }
        services.sort(Membership.BY_SERVICE);
        return services;
    }
}
