/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;

import org.apiguardian.api.API;

/**
 * Where a cluster's endpoints come from at the moment.
 *
 * @param state the kind
 * @param reason what error messages say about it; empty where there is nothing to explain
 */
@API(status = API.Status.STABLE)
public record ClusterStatus(State state, String reason) {

    public ClusterStatus {
        requireNonNull(state, "state");
        requireNonNull(reason, "reason");
    }

    /** Where the endpoints come from. */
    public enum State {
        /** The source has not answered yet. */
        WAITING,
        /** The source's newest snapshot is in use; the source may be unreachable by now. */
        LIVE,
        /** The source never answered or knows no such service, and the fallback is in use. */
        FALLBACK,
        /** The source is certain that there is no such service. */
        ABSENT,
        /** The source never answered, for the reason given. */
        UNAVAILABLE
    }
}
