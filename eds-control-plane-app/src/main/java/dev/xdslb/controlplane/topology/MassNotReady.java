/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * When so many pods are taken for not ready at once, without a word of their kubelets, that the fault is likely between
 * these and the API server, and the pods serve on.
 *
 * @param share of the pods that were ready, above 0 and up to 1: when more than that are lost, they are served as ready still. 1 is never
 * @param window within which losses are one event
 * @param hold how long a lost pod is served as ready at most
 */
public record MassNotReady(double share, Duration window, Duration hold) {

    /**
     * The share at which Envoy panics ({@code healthy_panic_threshold}); Kubernetes evicts less from 55% of the Nodes on
     * ({@code --unhealthy-zone-threshold}). Nodes are missed 10 s apart from one another, as their leases ran out.
     */
    public static final MassNotReady DEFAULT = new MassNotReady(0.5, Duration.ofMinutes(1), Duration.ofHours(1));

    public MassNotReady {
        requireNonNull(window, "window");
        requireNonNull(hold, "hold");
        if (!(share > 0 && share <= 1)) {
            throw new IllegalArgumentException("share: " + share + " (expected: above 0, and at most 1 for never)");
        }
        if (window.isNegative()) {
            throw new IllegalArgumentException("window: " + window + " (expected: 0 or more)");
        }
        if (hold.isNegative()) {
            throw new IllegalArgumentException("hold: " + hold + " (expected: 0 or more)");
        }
    }
}
