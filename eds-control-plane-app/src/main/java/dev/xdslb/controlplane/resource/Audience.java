/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientPlace;
import dev.xdslb.controlplane.ads.ClientVariant.Family;
import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.Map;

/**
 * Whom a resource is made for: what its bytes depend on beside its name and the service. Few of them, whatever clients
 * say of themselves, so that one encoding serves many.
 *
 * @param near whose endpoints come before others; empty where it does not matter
 * @param oneRing whether requests are divided among all endpoints by a key, on a ring that takes localities for one more factor
 * @param zoneWeights how the requests are divided among zones ({@link ZoneWeights}); empty where zones do not matter
 */
record Audience(Family family, ClientPlace near, boolean oneRing, Map<ZoneKey, Integer> zoneWeights) {

    Audience {
        zoneWeights = Map.copyOf(zoneWeights);
    }

    /** Returns clients that do not balance by a key, or see to localities themselves. */
    Audience(Family family, ClientPlace near, Map<ZoneKey, Integer> zoneWeights) {
        this(family, near, false, zoneWeights);
    }

    /** Returns all clients of a family. */
    Audience(Family family) {
        this(family, ClientPlace.UNKNOWN, Map.of());
    }

    /** Returns the same clients, whatever the division is at the moment. */
    Audience anyWeights() {
        return new Audience(family, near, oneRing, Map.of());
    }
}
