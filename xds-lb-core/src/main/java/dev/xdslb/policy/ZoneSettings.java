/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.OutOfRangeException;
import org.apiguardian.api.API;

/**
 * Whether requests stay in the client's own zone.
 *
 * @param affinity how strictly
 * @param minLocalEndpoints with fewer endpoints than this in the own zone, zones are not looked at; at least 1
 */
@API(status = API.Status.STABLE)
public record ZoneSettings(Affinity affinity, int minLocalEndpoints) {

    /** Local as far as the own zone can take it, from one endpoint on. */
    public static final ZoneSettings DEFAULT = new ZoneSettings(Affinity.SPILL, 1);

    public ZoneSettings {
        requireNonNull(affinity, "affinity");
        if (minLocalEndpoints < 1) {
            throw new OutOfRangeException("minLocalEndpoints", minLocalEndpoints, ">= 1");
        }
    }

    /** How strictly requests stay in the own zone. */
    public enum Affinity {
        /** Zones are not looked at. */
        OFF,
        /** As many as the own zone can take; the rest goes to the others. */
        SPILL,
        /** All, for as long as the own zone has an endpoint. */
        FORCED
    }
}
