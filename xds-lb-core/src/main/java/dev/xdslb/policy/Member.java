/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;

/**
 * An endpoint of a cluster, ready or not, with its state that outlives snapshots.
 *
 * @param endpoint what the newest snapshot says about it
 * @param load what this process measures about it
 * @param ejection whether this cluster keeps requests away from it
 */
public record Member(Endpoint endpoint, EndpointLoad load, EjectionState ejection) {

    public Member {
        requireNonNull(endpoint, "endpoint");
        requireNonNull(load, "load");
        requireNonNull(ejection, "ejection");
    }

    /** Returns a member that nothing is known about yet. */
    public static Member of(Endpoint endpoint, EndpointLoad load) {
        return new Member(endpoint, load, new EjectionState());
    }

    /** Returns the same member as a newer snapshot describes it. */
    public Member describedBy(Endpoint newer) {
        return new Member(newer, load, ejection);
    }
}
