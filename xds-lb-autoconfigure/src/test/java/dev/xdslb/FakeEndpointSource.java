/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A source that says what the test says. What was published before somebody subscribes is told when he does. */
public final class FakeEndpointSource implements EndpointSource {
    private final Map<String, Watcher> watchers = new ConcurrentHashMap<>();
    private final Map<String, EndpointSnapshot> snapshots = new ConcurrentHashMap<>();
    private final AtomicInteger versions = new AtomicInteger();
    private volatile String unavailable = "";
    private volatile PlaceWatcher place;
    private volatile boolean closed;

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        watchers.put(resource, watcher);
        EndpointSnapshot snapshot = snapshots.get(resource);
        if (snapshot != null) {
            new Thread(() -> watcher.onSnapshot(snapshot)).start();
        } else if (!unavailable.isEmpty()) {
            new Thread(() -> watcher.onUnavailable(unavailable)).start();
        }
        return () -> watchers.remove(resource);
    }

    @Override
    public void locate(PlaceWatcher watcher) {
        place = watcher;
    }

    @Override
    public String description() {
        return "control plane fake:18000";
    }

    @Override
    public void close() {
        closed = true;
    }

    public void publish(String resource, Endpoint... endpoints) {
        EndpointSnapshot snapshot =
                new EndpointSnapshot(resource, "v" + versions.incrementAndGet(), List.of(endpoints));
        snapshots.put(resource, snapshot);
        Watcher watcher = watchers.get(resource);
        if (watcher != null) {
            watcher.onSnapshot(snapshot);
        }
    }

    /** Says how a service that was published asks to be balanced. */
    public void say(String resource, ServicePolicy policy) {
        watchers.get(resource).onSnapshot(new ServiceSnapshot(snapshots.get(resource), policy));
    }

    public void absent(String resource, String reason) {
        watchers.get(resource).onAbsent(reason);
    }

    /** Answers every later subscription, and those there are, like a control plane that cannot be reached. */
    public void unreachable() {
        unavailable = "control plane fake:18000: connection refused";
        watchers.values().forEach(watcher -> watcher.onUnavailable(unavailable));
    }

    /** Returns who asked where the process runs, null for nobody. */
    public PlaceWatcher place() {
        return place;
    }

    public Set<String> subscribed() {
        return watchers.keySet();
    }

    public boolean isClosed() {
        return closed;
    }
}
