/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import java.time.Duration;
import org.apiguardian.api.API;

/**
 * How long clusters live whose names no configuration knows: a gateway takes them from its requests.
 *
 * @param idleTimeout a cluster that nobody used for this long is released, and asked for again by its next use; above zero
 * @param maxUnconfigured how many of them there may be at once, at least 1. For one more, the one that was not used for the
 *     longest time is released; where all are in use, requests to the new one fail
 */
@API(status = API.Status.STABLE)
public record ClusterLifetime(Duration idleTimeout, int maxUnconfigured) {

    /** Ten minutes, and a thousand. */
    public static final ClusterLifetime DEFAULT = new ClusterLifetime(Duration.ofMinutes(10), 1_000);

    public ClusterLifetime {
        if (idleTimeout.isZero() || idleTimeout.isNegative()) {
            throw new IllegalArgumentException("idleTimeout: " + idleTimeout + " (expected: > 0)");
        }
        if (maxUnconfigured < 1) {
            throw new IllegalArgumentException("maxUnconfigured: " + maxUnconfigured + " (expected: >= 1)");
        }
    }
}
