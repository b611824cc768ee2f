/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/**
 * Something that is not served, for people.
 *
 * @param object what it is and where it stands
 * @param reason what is wrong with it
 */
public record SkippedObject(String object, String reason) {

    public SkippedObject {
        requireNonNull(object, "object");
        requireNonNull(reason, "reason");
    }

    static SkippedObject of(TopologyObject object, String reason) {
        String origin = object.origin().isEmpty() ? "" : " (" + object.origin() + ")";
        return new SkippedObject(object.id() + origin, reason);
    }

    @Override
    public String toString() {
        return object + ": " + reason;
    }
}
