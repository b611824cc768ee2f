/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import java.util.List;
import java.util.function.Consumer;

/** One subscription. Told on the client's executor only; closed from any thread. */
final class ServiceSubscription implements EndpointSource.Subscription, ResourceWatcher<List<Endpoint>> {
    private final String resource;
    private final EndpointSource.Watcher watcher;
    private final ResourceTable<List<Endpoint>> endpoints;
    private final Consumer<ServiceSubscription> onClose;
    private volatile boolean closed;

    ServiceSubscription(
            String resource,
            EndpointSource.Watcher watcher,
            ResourceTable<List<Endpoint>> endpoints,
            Consumer<ServiceSubscription> onClose) {
        this.resource = resource;
        this.watcher = watcher;
        this.endpoints = endpoints;
        this.onClose = onClose;
    }

    /** Begins to ask. */
    void begin() {
        endpoints.add(resource, this);
    }

    /** Asks no longer. */
    void end() {
        endpoints.remove(resource, this);
    }

    @Override
    public void onResource(String version, List<Endpoint> list) {
        EndpointSnapshot snapshot = new EndpointSnapshot(resource, version, list);
        tell(telling -> telling.onSnapshot(snapshot));
    }

    @Override
    public void onAbsent(String reason) {
        tell(telling -> telling.onAbsent(reason));
    }

    @Override
    public void onUnavailable(String reason) {
        tell(telling -> telling.onUnavailable(reason));
    }

    /** Tells the watcher, unless it stopped watching. */
    private void tell(Consumer<EndpointSource.Watcher> news) {
        if (!closed) {
            news.accept(watcher);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true; // closed twice at once, it is removed twice, which does no harm
            onClose.accept(this);
        }
    }
}
