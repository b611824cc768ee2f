/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A source that says what the test says. */
public final class FakeEndpointSource implements EndpointSource {
    private final Map<String, Watcher> watchers = new HashMap<>();
    private final List<String> closed = new ArrayList<>();
    private PlaceWatcher place;
    private int version;

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        watchers.put(resource, watcher);
        return () -> closed.add(resource);
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
        closed.add("*");
    }

    public void publish(String resource, Endpoint... endpoints) {
        watchers.get(resource).onSnapshot(new EndpointSnapshot(resource, "v" + ++version, List.of(endpoints)));
    }

    public void publish(String resource, ServicePolicy policy, Endpoint... endpoints) {
        EndpointSnapshot snapshot = new EndpointSnapshot(resource, "v" + ++version, List.of(endpoints));
        watchers.get(resource).onSnapshot(new ServiceSnapshot(snapshot, policy));
    }

    /** Returns who asked where the process runs, null for nobody. */
    public PlaceWatcher place() {
        return place;
    }

    public Watcher watcher(String resource) {
        return watchers.get(resource);
    }

    public List<String> closed() {
        return closed;
    }
}
