/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.fault.FaultBoundary;
import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.Topology;
import dev.xdslb.controlplane.topology.TopologyListener;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The Gateways that are ours, and what is to be said of them. The topology's writer thread writes, everybody reads.
 */
public final class Gateways implements TopologyListener {
    private final FaultBoundary boundary;
    private final List<GatewayListener> listeners = new CopyOnWriteArrayList<>();
    private final Map<ObjectId, ObjectStatus> statuses = new ConcurrentHashMap<>();
    private final Map<ObjectId, SecretObject> secrets = new ConcurrentHashMap<>(); // that a listener of ours refers to

    /** Follows the topology from now on: to be called before the topology starts. */
    public Gateways(Topology topology, Faults faults, GatewaySettings settings) {
        this.boundary = faults.boundary("gateways");
        topology.addListener(this);
    }

    public void addListener(GatewayListener listener) {
        listeners.add(listener);
    }

    /** Returns what is to be said in the status of an object; null when it is not ours. */
    public @Nullable ObjectStatus status(ObjectId id) {
        return statuses.get(id);
    }

    /** Returns the statuses of all objects that are ours, in no particular order. */
    public Collection<ObjectStatus> statuses() {
        return Collections.unmodifiableCollection(statuses.values());
    }

    /** Returns the Secret with this name, if a listener of this Gateway refers to it and may; null otherwise. */
    public @Nullable SecretObject secret(GatewayKey gateway, String namespace, String name) {
        return null;
    }

    @Override
    public void changed(List<ServiceChange> changes) {}

    @Override
    public void routingChanged(List<RoutingChange> changes) {}
}
