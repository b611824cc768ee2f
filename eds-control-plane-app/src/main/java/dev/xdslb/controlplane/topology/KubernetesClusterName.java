/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

/** The name that the configuration gives to a Kubernetes cluster. Objects of different clusters never meet. */
public record KubernetesClusterName(String value) implements Comparable<KubernetesClusterName> {

    public KubernetesClusterName {
        if (value.isBlank()) {
            throw new IllegalArgumentException("name of the Kubernetes cluster: blank (expected: a name)");
        }
    }

    @Override
    public int compareTo(KubernetesClusterName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
