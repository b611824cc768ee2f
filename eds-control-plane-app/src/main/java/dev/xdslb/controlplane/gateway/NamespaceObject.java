/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;
import java.util.Map;

/** A Namespace with its labels. */
public record NamespaceObject(String name, Map<String, String> labels, String origin) implements RoutingObject {

    public NamespaceObject {
        requireNonNull(name, "name");
        labels = Map.copyOf(labels);
        requireNonNull(origin, "origin");
    }

    @Override
    public ObjectId id() {
        return new ObjectId(ObjectId.Kind.NAMESPACE, "", name);
    }
}
