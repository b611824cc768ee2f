/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.ObjectScope;
import java.util.Collections;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Of which Gateways nothing is said, because objects that they are made of could not be read yet: a Gateway without the routes that
 * nobody could list would answer 404 to everybody. Who has its listeners keeps them meanwhile.
 *
 * <p>The topology's writer thread writes, everybody reads.
 */
final class HeldGateways {
    private final Map<GatewayKey, String> held = new ConcurrentHashMap<>(); // of those that are known, why
    private final Set<GatewayKey> releasing = new HashSet<>(); // still held for those who read; the writer's own
    private volatile SortedMap<ObjectScope, String> unlisted = Collections.emptySortedMap();

    /** What a Gateway is made of, as far as it is known. */
    interface Parts {

        /** Returns whether the Gateway exists, and is ours or of a class that is not known. */
        boolean mayBeOurs();

        boolean isOfKnownClass();

        /** Returns whether a listener takes routes by the labels of their namespaces. */
        boolean selectsNamespaces();

        /** Returns the other namespaces that it or its routes refer to. */
        Set<String> foreignNamespaces();
    }

    /** Returns what was unlisted before. */
    SortedMap<ObjectScope, String> replace(SortedMap<ObjectScope, String> now) {
        SortedMap<ObjectScope, String> before = unlisted;
        unlisted = now;
        return before;
    }

    boolean isIdle() {
        return unlisted.isEmpty() && held.isEmpty();
    }

    /**
     * Looks at a Gateway anew, and returns whether it is held now and was not, or was and is not. One that is to be held no longer is let go
     * by {@link #release}, so that nobody sees it without its routes.
     */
    boolean look(GatewayKey key, Parts parts) {
        String why = parts.mayBeOurs() ? why(key, parts) : null;
        if (why == null) {
            return held.containsKey(key) && releasing.add(key);
        }
        releasing.remove(key);
        return held.put(key, why) == null;
    }

    /** Lets those go that are to be held no longer. To be called when what they have can be seen. */
    void release() {
        held.keySet().removeAll(releasing);
        releasing.clear();
    }

    /** Returns whether it will be held when all is told. The writer's own. */
    boolean isToBeHeld(GatewayKey key) {
        return ofGateways(key) != null || (held.containsKey(key) && !releasing.contains(key));
    }

    private @Nullable String why(GatewayKey key, Parts parts) {
        String gateways = ofGateways(key);
        if (gateways != null || unlisted.isEmpty()) {
            return gateways;
        }
        if (!parts.isOfKnownClass()) {
            return first(scope -> scope.kind() == ObjectId.Kind.GATEWAY_CLASS);
        }
        String routes =
                first(scope -> scope.kind() == ObjectId.Kind.HTTP_ROUTE || scope.kind() == ObjectId.Kind.GRPC_ROUTE);
        if (routes != null) {
            return routes;
        }
        String namespaces = parts.selectsNamespaces() ? first(scope -> scope.kind() == ObjectId.Kind.NAMESPACE) : null;
        if (namespaces != null) {
            return namespaces;
        }
        boolean grants = unlisted.keySet().stream().anyMatch(scope -> scope.kind() == ObjectId.Kind.REFERENCE_GRANT);
        if (!grants) {
            return null;
        }
        Set<String> foreign = parts.foreignNamespaces();
        return first(scope ->
                foreign.stream().anyMatch(namespace -> scope.covers(ObjectId.Kind.REFERENCE_GRANT, namespace)));
    }

    /** Returns why nothing is said of a Gateway, which need not exist; null where something is. */
    @Nullable
    String why(GatewayKey key) {
        String ofGateways = ofGateways(key);
        return ofGateways == null ? held.get(key) : ofGateways;
    }

    private @Nullable String ofGateways(GatewayKey key) {
        return first(scope -> scope.covers(ObjectId.Kind.GATEWAY, key.namespace()));
    }

    /** Returns why nothing is known of a Secret; null where it is known, as it is or not to be. */
    @Nullable
    String whyNot(ObjectId secret) {
        return first(scope -> scope.covers(secret));
    }

    /** Returns the Gateways that are known to be held, and why. */
    SortedMap<GatewayKey, String> all() {
        return new TreeMap<>(held);
    }

    /** Returns whether what is not said of a Gateway is to be taken for a no. */
    boolean isComplete() {
        return held.isEmpty()
                && first(scope -> scope.kind() == ObjectId.Kind.GATEWAY || scope.kind() == ObjectId.Kind.GATEWAY_CLASS)
                        == null;
    }

    private @Nullable String first(Predicate<ObjectScope> which) {
        for (Map.Entry<ObjectScope, String> entry : unlisted.entrySet()) {
            if (which.test(entry.getKey())) {
                return entry.getKey() + ": " + (entry.getValue().isEmpty() ? "being read" : entry.getValue());
            }
        }
        return null;
    }
}
