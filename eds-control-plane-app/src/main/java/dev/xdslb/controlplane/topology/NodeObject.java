/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/** A Node. Zone and region are empty when its labels do not say. */
public record NodeObject(String name, String region, String zone) implements TopologyObject {

    public NodeObject {
        requireNonNull(name, "name");
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
    }

    @Override
    public ObjectId id() {
        return ObjectId.node(name);
    }
}
