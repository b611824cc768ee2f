/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A source that tells its watchers at once, on the test's thread. */
final class DirectSource implements EndpointSource {
    private final Map<String, Watcher> watchers = new HashMap<>();
    private int version;

    @Override
    public Subscription subscribe(String resource, Watcher watcher) {
        watchers.put(resource, watcher);
        return () -> {};
    }

    void publish(String resource, Endpoint... endpoints) {
        watchers.get(resource).onSnapshot(new EndpointSnapshot(resource, "v" + ++version, List.of(endpoints)));
    }

    @Override
    public String description() {
        return "the test";
    }

    @Override
    public void close() {}
}
