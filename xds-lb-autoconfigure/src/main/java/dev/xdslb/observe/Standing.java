/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.policy.Exclusion;
import org.jspecify.annotations.Nullable;

/** Where an endpoint stands, in as few words as a meter can afford. */
enum Standing {
    /** Requests go there. */
    ELIGIBLE("eligible"),
    /** It failed, and is left out or awaits its probe. */
    EJECTED("ejected"),
    /** It refused or reset a connection, or none can be made to it. */
    AVOIDED("avoided"),
    /** It is degraded or unproven, and others are not. */
    SPARE("spare"),
    /** Its pod is not ready. */
    NOT_READY("not-ready"),
    /** Its pod is about to end, or it is drained in this process. */
    DRAINING("draining"),
    /** This client does not use it, because it uses a part of the endpoints only. */
    OUTSIDE("outside");

    private final String word;

    Standing(String word) {
        this.word = word;
    }

    /** Returns the value of the key {@code state}. */
    String word() {
        return word;
    }

    /** Returns where one stands that is excluded, or is not where this is null. */
    static Standing of(@Nullable Exclusion exclusion) {
        if (exclusion == null) {
            return ELIGIBLE;
        }
        return switch (exclusion.reason()) {
            case EJECTED, AWAITS_PROBE -> EJECTED;
            case UNREACHABLE, AVOIDED -> AVOIDED;
            case DEGRADED, UNPROVEN, OTHER_SUBSET, UNUSABLE_FOR_CALLER -> SPARE;
            case NOT_READY -> NOT_READY;
            case DRAINING, DRAINED_HERE -> DRAINING;
            case OUTSIDE_CLIENT_SUBSET -> OUTSIDE;
        };
    }
}
