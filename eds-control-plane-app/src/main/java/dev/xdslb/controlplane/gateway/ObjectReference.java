/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

/**
 * What refers to another object.
 *
 * @param group empty for Kubernetes' own ("core") kinds
 * @param kind where the object does not say, the default that the API names (Service, Secret)
 * @param namespace empty for the own one
 */
public record ObjectReference(String group, String kind, String namespace, String name) {

    public ObjectReference {
        requireNonNull(group, "group");
        requireNonNull(kind, "kind");
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    /** Returns whether it names this kind. */
    boolean isOf(String otherGroup, String otherKind) {
        return group.equals(otherGroup) && kind.equals(otherKind);
    }

    /** Returns the namespace of what it refers to. */
    String namespaceFrom(String own) {
        return namespace.isEmpty() ? own : namespace;
    }

    @Override
    public String toString() {
        return kind + (group.isEmpty() ? "" : "." + group) + " " + (namespace.isEmpty() ? "" : namespace + "/") + name;
    }
}
