/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * The ports of a service that is in several Kubernetes clusters: the union by name (Multi-Cluster Services API, "conflict
 * resolution"). Where a number or the protocol differs, the first cluster's counts. A port that has the number of another
 * one is that one under another name: clients ask by number, and two answers there cannot be.
 */
final class PortUnion {

    private PortUnion() {}

    /**
     * A port, and what it is called in each cluster that has it.
     *
     * @param port as it is served
     */
    record Port(ServicePort port, Map<KubernetesClusterName, String> nameByCluster) {}

    /** Returns the ports in the order of the first cluster, then what others have in addition. */
    static List<Port> of(SortedMap<KubernetesClusterName, ServiceObject> services) {
        List<Port> union = new ArrayList<>();
        services.forEach((cluster, service) -> {
            for (ServicePort port : service.ports()) {
                Port known = find(union, port);
                if (known == null) {
                    known = new Port(port, new HashMap<>());
                    union.add(known);
                }
                known.nameByCluster().putIfAbsent(cluster, port.name());
            }
        });
        return union;
    }

    private static @Nullable Port find(List<Port> union, ServicePort port) {
        for (Port known : union) {
            if (known.port().name().equals(port.name())) {
                return known;
            }
        }
        for (Port known : union) {
            if (known.port().number() == port.number()) {
                return known;
            }
        }
        return null;
    }
}
