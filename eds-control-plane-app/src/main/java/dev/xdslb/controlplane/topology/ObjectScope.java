/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * Objects of one kind that a source reads together.
 *
 * @param namespace theirs; empty for all namespaces, and for a kind without any
 * @param name that of the only object; empty for all
 */
public record ObjectScope(ObjectId.Kind kind, String namespace, String name) implements Comparable<ObjectScope> {
    private static final Comparator<ObjectScope> ORDER = Comparator.comparing(ObjectScope::kind)
            .thenComparing(ObjectScope::namespace)
            .thenComparing(ObjectScope::name);

    public ObjectScope {
        requireNonNull(kind, "kind");
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    /** Returns whether an object of this kind in this namespace may be one of these. */
    public boolean covers(ObjectId.Kind ofKind, String inNamespace) {
        return kind == ofKind && (namespace.isEmpty() || namespace.equals(inNamespace));
    }

    /** Returns whether it is one of these. */
    public boolean covers(ObjectId id) {
        return covers(id.kind(), id.namespace()) && (name.isEmpty() || name.equals(id.name()));
    }

    @Override
    public int compareTo(ObjectScope other) {
        return ORDER.compare(this, other);
    }

    /** Returns it for people: {@code all HTTPRoutes}, {@code all HTTPRoutes of namespace shop}, {@code Secret shop/cert}. */
    @Override
    public String toString() {
        if (!name.isEmpty()) {
            return new ObjectId(kind, namespace, name).toString();
        }
        String plural = kind.kubernetesName() + (kind.kubernetesName().endsWith("s") ? "es" : "s");
        return "all " + plural + (namespace.isEmpty() ? "" : " of namespace " + namespace);
    }
}
