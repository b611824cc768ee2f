/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/** What identifies a pod, as long as it is in one Kubernetes cluster only. */
public record PodKey(String namespace, String name) {

    public PodKey {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    /** Returns {@code namespace/name}. */
    @Override
    public String toString() {
        return namespace + "/" + name;
    }
}
