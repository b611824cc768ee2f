/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.fault.FaultBoundary;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Who is to be told of a change, so that a change costs as much as it has subscribers.
 *
 * <p>Streams add and remove themselves on their own threads; the thread that applies changes reads. A stream adds
 * itself before it looks a resource up, and a change is announced after it can be looked up, so none falls between.
 */
final class SubscriptionIndex implements ResourceStore.Listener {

    /** Is told what changed, by the thread that applies changes: must not block. */
    interface Subscriber {
        void changed(ResourceType type, String key);
    }

    private record Key(ResourceType type, @Nullable String key) {
        static Key wildcard(ResourceType type) {
            return new Key(type, null);
        }
    }

    private final Map<Key, Set<Subscriber>> subscribers = new ConcurrentHashMap<>();
    private final FaultBoundary boundary;

    SubscriptionIndex(FaultBoundary boundary) {
        this.boundary = boundary;
    }

    void add(ResourceType type, String key, Subscriber subscriber) {
        add(new Key(type, key), subscriber);
    }

    void remove(ResourceType type, String key, Subscriber subscriber) {
        remove(new Key(type, key), subscriber);
    }

    void addWildcard(ResourceType type, Subscriber subscriber) {
        add(Key.wildcard(type), subscriber);
    }

    void removeWildcard(ResourceType type, Subscriber subscriber) {
        remove(Key.wildcard(type), subscriber);
    }

    @Override
    public void changed(ResourceType type, Set<String> keys) {
        for (String key : keys) {
            tell(new Key(type, key), type, key);
            tell(Key.wildcard(type), type, key);
        }
    }

    @Override
    public int subscribers(ResourceType type, String key) {
        return count(new Key(type, key)) + count(Key.wildcard(type));
    }

    private int count(Key subscribedTo) {
        return subscribers.getOrDefault(subscribedTo, Set.of()).size();
    }

    /** Returns for how many keys somebody is subscribed. */
    int size() {
        return subscribers.size();
    }

    private void tell(Key subscribedTo, ResourceType type, String key) {
        for (Subscriber subscriber : subscribers.getOrDefault(subscribedTo, Set.of())) {
            try {
                subscriber.changed(type, key);
            } catch (Throwable thrown) { // one stream is not to keep the others from hearing
                boundary.failed("telling a stream of a change", thrown);
            }
        }
    }

    private void add(Key key, Subscriber subscriber) {
        subscribers.compute(key, (k, present) -> {
            Set<Subscriber> set = present == null ? ConcurrentHashMap.newKeySet(1) : present;
            set.add(subscriber);
            return set;
        });
    }

    private void remove(Key key, Subscriber subscriber) {
        subscribers.computeIfPresent(key, (k, present) -> {
            requireNonNull(present).remove(subscriber);
            return present.isEmpty() ? null : present;
        });
    }
}
