/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;
import java.util.List;

/** A ReferenceGrant: objects of its namespace may be referred to from others. */
public record ReferenceGrantObject(Meta meta, List<From> from, List<To> to) implements RoutingObject {

    public ReferenceGrantObject {
        requireNonNull(meta, "meta");
        from = List.copyOf(from);
        to = List.copyOf(to);
    }

    @Override
    public ObjectId id() {
        return new ObjectId(ObjectId.Kind.REFERENCE_GRANT, meta.namespace(), meta.name());
    }

    @Override
    public String origin() {
        return meta.origin();
    }

    /** Who may refer. */
    public record From(String group, String kind, String namespace) {
        public From {
            requireNonNull(group, "group");
            requireNonNull(kind, "kind");
            requireNonNull(namespace, "namespace");
        }
    }

    /**
     * To what.
     *
     * @param name empty for all of the kind
     */
    public record To(String group, String kind, String name) {
        public To {
            requireNonNull(group, "group");
            requireNonNull(kind, "kind");
            requireNonNull(name, "name");
        }
    }
}
