/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.cluster.Cluster.Registration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Those who are told of each new picker of a cluster. One that fails costs no other its news. Thread-safe. */
final class ClusterListeners {
    private final String resource;
    private final Faults faults;
    private final List<Listener> listeners = new CopyOnWriteArrayList<>();

    ClusterListeners(String resource, Faults faults) {
        this.resource = resource;
        this.faults = faults;
    }

    Registration add(Runnable action) {
        Listener listener = new Listener(
                action,
                faults.boundary(
                        resource + ": listener " + action.getClass().getName(), "it is told again of the next picker"));
        listeners.add(listener);
        return () -> {
            listeners.remove(listener);
            listener.boundary.close();
        };
    }

    boolean isEmpty() {
        return listeners.isEmpty();
    }

    void tell() {
        for (Listener listener : listeners) {
            listener.boundary.run(listener.action);
        }
    }

    private static final class Listener {
        private final Runnable action;
        private final FaultBoundary boundary;

        private Listener(Runnable action, FaultBoundary boundary) {
            this.action = action;
            this.boundary = boundary;
        }
    }
}
