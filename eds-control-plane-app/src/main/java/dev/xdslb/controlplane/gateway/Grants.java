/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.ReferenceGrantObject.From;
import dev.xdslb.controlplane.gateway.ReferenceGrantObject.To;
import dev.xdslb.controlplane.topology.ObjectId;
import java.util.HashMap;
import java.util.Map;

/** The ReferenceGrants, by the namespace that they open. Confined to the writer thread. */
final class Grants {
    private final Map<String, Map<ObjectId, ReferenceGrantObject>> byNamespace = new HashMap<>();

    void put(ReferenceGrantObject grant) {
        byNamespace
                .computeIfAbsent(grant.meta().namespace(), namespace -> new HashMap<>())
                .put(grant.id(), grant);
    }

    void remove(ObjectId id) {
        byNamespace.computeIfPresent(id.namespace(), (namespace, grants) -> {
            grants.remove(id);
            return grants.isEmpty() ? null : grants;
        });
    }

    boolean allows(String fromKind, String fromNamespace, ObjectReference to, String toNamespace) {
        return byNamespace.getOrDefault(toNamespace, Map.of()).values().stream()
                .filter(grant -> grant.meta().problems().isEmpty())
                .anyMatch(grant -> grant.from().contains(new From(ListenerRules.GROUP, fromKind, fromNamespace))
                        && (grant.to().contains(new To(to.group(), to.kind(), ""))
                                || grant.to().contains(new To(to.group(), to.kind(), to.name()))));
    }
}
