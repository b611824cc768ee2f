/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/** What identifies a service. A service of this name in several Kubernetes clusters is one service. */
public record ServiceKey(String namespace, String name) implements Comparable<ServiceKey> {

    private static final Comparator<ServiceKey> BY_NAMESPACE_AND_NAME =
            Comparator.comparing(ServiceKey::namespace).thenComparing(ServiceKey::name);

    public ServiceKey {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    @Override
    public int compareTo(ServiceKey other) {
        return BY_NAMESPACE_AND_NAME.compare(this, other);
    }

    /** Returns {@code name.namespace}, which is how clients write it. */
    @Override
    public String toString() {
        return name + "." + namespace;
    }
}
