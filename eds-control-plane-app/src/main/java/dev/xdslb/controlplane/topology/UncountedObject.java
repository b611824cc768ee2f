/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/**
 * An object that is there and does not count, which its owner may not know.
 *
 * @param reason for people
 */
public record UncountedObject(ObjectId id, String reason) implements TopologyObject {

    public UncountedObject {
        requireNonNull(id, "id");
        requireNonNull(reason, "reason");
    }
}
