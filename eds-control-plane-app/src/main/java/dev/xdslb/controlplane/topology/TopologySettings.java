/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/**
 * How a topology waits for its Kubernetes clusters.
 *
 * @param syncTimeout how long the first state waits for optional clusters; required ones are waited for without limit
 * @param keepLost how long the endpoints of an optional cluster are served after it was last heard from. Those of a
 *     required one are served without limit: nobody knows better
 * @param keepRemoved how long the endpoints of a cluster are served after it was taken out of the configuration, so that
 *     one that comes back (its file is being replaced) is not missed by anybody
 * @param massNotReady when pods are served as ready though Kubernetes takes them for not ready
 */
public record TopologySettings(
        Duration syncTimeout, Duration keepLost, Duration keepRemoved, MassNotReady massNotReady) {

    public static final TopologySettings DEFAULT = new TopologySettings(
            Duration.ofSeconds(30), Duration.ofHours(1), Duration.ofSeconds(30), MassNotReady.DEFAULT);

    public TopologySettings {
        requireNonNull(syncTimeout, "syncTimeout");
        requireNonNull(keepLost, "keepLost");
        requireNonNull(keepRemoved, "keepRemoved");
        requireNonNull(massNotReady, "massNotReady");
    }
}
