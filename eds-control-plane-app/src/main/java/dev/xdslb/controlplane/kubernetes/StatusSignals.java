/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import dev.xdslb.controlplane.topology.ObjectId;

/** Who counts what happens when statuses are to be written. Called by the one thread that writes them. */
@FunctionalInterface
public interface StatusSignals {
    StatusSignals NONE = (kind, outcome) -> {};

    /** How it went. */
    enum Outcome {
        /** It says now what is to be said. */
        WRITTEN,
        /** It said that already: nothing was sent. */
        UNCHANGED,
        /** The object was another one by then. */
        CONFLICT,
        /** The API server was asked too much, or said to come back later (429, 503 with {@code Retry-After}). */
        THROTTLED,
        /** The API server does not take it: no right, no such object, not valid. */
        REFUSED,
        /** The API server failed, or did not answer. */
        FAILED,
        /** Somebody else writes the opposite again and again: left as it is for a while, nothing was sent. */
        DISPUTED
    }

    /** Counts one look at an object. */
    void looked(ObjectId.Kind kind, Outcome outcome);
}
