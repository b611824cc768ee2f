/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.fault.FaultBoundary;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.informers.cache.Cache;
import io.fabric8.kubernetes.client.informers.cache.ItemStore;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What an informer needs to tell an addition from an update and to find deletions after a new list: name and resource
 * version of each object. The objects themselves are kept once, pruned, in the topology.
 */
final class VersionItemStore<T extends HasMetadata> implements ItemStore<T> {

    private final Map<String, T> items = new ConcurrentHashMap<>();
    private final Supplier<T> newObject;
    private final FaultBoundary boundary;

    VersionItemStore(Supplier<T> newObject, FaultBoundary boundary) {
        this.newObject = newObject;
        this.boundary = boundary;
    }

    /** Holds what another one has held, so that the next list shows what has gone since. */
    void takeOver(VersionItemStore<T> other) {
        items.putAll(other.items);
    }

    @Override
    public String getKey(T object) {
        return Cache.metaNamespaceKeyFunc(object);
    }

    @Override
    public @Nullable T put(String key, T object) {
        return boundary.get("store of " + key, () -> {
            T stub = newObject.get();
            stub.setMetadata(new ObjectMetaBuilder()
                    .withNamespace(object.getMetadata().getNamespace())
                    .withName(object.getMetadata().getName())
                    .withResourceVersion(object.getMetadata().getResourceVersion())
                    .build());
            return items.put(key, stub);
        });
    }

    @Override
    public @Nullable T remove(String key) {
        return items.remove(key);
    }

    @Override
    public Stream<String> keySet() {
        return items.keySet().stream();
    }

    @Override
    public Stream<T> values() {
        return items.values().stream();
    }

    @Override
    public int size() {
        return items.size();
    }

    @Override
    public @Nullable T get(String key) {
        return items.get(key);
    }

    /** With false the informer hands over each object as it arrives instead of taking it out of this store later. */
    @Override
    public boolean isFullState() {
        return false;
    }
}
