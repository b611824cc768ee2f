/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import java.util.LinkedHashSet;
import java.util.Set;

/** What may look different after a change. Confined to the writer thread. */
final class Touched {
    private final Set<ServiceKey> services = new LinkedHashSet<>();
    private final Set<PodKey> pods = new LinkedHashSet<>();

    Set<ServiceKey> services() {
        return services;
    }

    Set<PodKey> pods() {
        return pods;
    }

    boolean isEmpty() {
        return services.isEmpty() && pods.isEmpty();
    }

    void add(Touched other) {
        services.addAll(other.services);
        pods.addAll(other.pods);
    }

    void clear() {
        services.clear();
        pods.clear();
    }
}
