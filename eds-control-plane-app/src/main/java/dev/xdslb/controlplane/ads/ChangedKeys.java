/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * The keys that changed since a stream looked last. The thread that applies changes adds, the stream's executor takes
 * all. Bounded by what the stream is subscribed to, however long it does not look.
 */
final class ChangedKeys {
    private final Map<ResourceType, Set<String>> keys = new HashMap<>(); // guarded by itself

    /** Returns whether it was empty before, so that somebody has to be told to take. */
    boolean add(ResourceType type, String key) {
        synchronized (keys) {
            boolean first = keys.isEmpty();
            keys.computeIfAbsent(type, t -> new HashSet<>()).add(key);
            return first;
        }
    }

    Map<ResourceType, Set<String>> takeAll() {
        synchronized (keys) {
            if (keys.isEmpty()) {
                return Map.of();
            }
            Map<ResourceType, Set<String>> taken = new HashMap<>(keys);
            keys.clear();
            return taken;
        }
    }
}
