/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.HashMap;
import java.util.Map;

/**
 * The keys that changed since a stream looked last, each with what was announced first. The thread that applies changes
 * adds, the stream's executor takes all. Bounded by what the stream is subscribed to, however long it does not look.
 */
final class ChangedKeys {
    private final Map<ResourceType, Map<String, Announcement>> keys = new HashMap<>(); // guarded by itself

    /** What became of a key that was added. */
    enum Added {
        /** Somebody has to be told to take. */
        FIRST,
        BESIDE_OTHERS,
        /** The key was there already. */
        AGAIN
    }

    Added add(ResourceType type, String key, Announcement announcement) {
        synchronized (keys) {
            boolean first = keys.isEmpty();
            Announcement before =
                    keys.computeIfAbsent(type, t -> new HashMap<>()).putIfAbsent(key, announcement);
            if (before != null) {
                return Added.AGAIN;
            }
            return first ? Added.FIRST : Added.BESIDE_OTHERS;
        }
    }

    boolean isEmpty() {
        synchronized (keys) {
            return keys.isEmpty();
        }
    }

    Map<ResourceType, Map<String, Announcement>> takeAll() {
        synchronized (keys) {
            if (keys.isEmpty()) {
                return Map.of();
            }
            Map<ResourceType, Map<String, Announcement>> taken = new HashMap<>(keys);
            keys.clear();
            return taken;
        }
    }
}
