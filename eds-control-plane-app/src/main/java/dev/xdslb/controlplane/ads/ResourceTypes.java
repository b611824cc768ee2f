/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The types that a store serves, in the order in which a change is sent. Immutable. */
final class ResourceTypes {
    /** Comes after every type that is served. */
    static final int NOT_SERVED = Integer.MAX_VALUE;

    private final Map<String, ResourceType> byUrl = new HashMap<>();
    private final Map<ResourceType, Integer> order = new HashMap<>();
    private final Set<ResourceType> warming = new HashSet<>(); // that another type is warmed by
    private final Set<ResourceType> wholes = new HashSet<>(); // that another type is parts of

    ResourceTypes(List<ResourceType> inOrder) {
        for (ResourceType type : inOrder) {
            ResourceType first = type.warmedBy();
            if (first != null && !order.containsKey(first)) {
                throw new IllegalArgumentException(
                        type + " before " + first + " (expected: after it, clients wait for it)");
            }
            if (first != null) {
                (type.parts() ? wholes : warming).add(first);
            }
            if (byUrl.put(type.typeUrl(), type) != null) {
                throw new IllegalArgumentException("two types with the URL " + type.typeUrl() + " (expected: one)");
            }
            order.put(type, order.size());
        }
    }

    /** Returns the type with this URL, null when it is not one that is served. */
    @Nullable
    ResourceType ofUrl(String typeUrl) {
        return byUrl.get(typeUrl);
    }

    /** Returns whether a client that is sent a resource of this type waits for another one of the same name. */
    boolean warms(ResourceType type) {
        return warming.contains(type);
    }

    /** Returns whether there is a type of the parts of resources of this type. */
    boolean haveParts(ResourceType type) {
        return wholes.contains(type);
    }

    /** Returns the place of a type in the order of sending. */
    int order(@Nullable ResourceType type) {
        return type == null ? NOT_SERVED : order.getOrDefault(type, NOT_SERVED);
    }
}
