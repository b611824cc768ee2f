/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.ClientPlace;
import dev.xdslb.policy.ZoneOfRegion;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The place of this process as it is known at the moment: clusters are often made before it is. Any thread writes and reads. */
final class PresentPlace implements ClientPlace {
    /** What no other process has, as long as nobody says better. */
    private static final String RANDOM_ID = UUID.randomUUID().toString();

    private volatile ClientPlace known = ClientPlace.UNKNOWN;
    private volatile String clientId = RANDOM_ID;
    private volatile @Nullable OwnPlace asked; // null where the place is given

    ClientPlace known() {
        return known;
    }

    /** Takes what no other client has; empty for a random id. */
    void identify(String id) {
        clientId = id.isEmpty() ? RANDOM_ID : id;
    }

    /** Takes a place that is given. */
    void given(ClientPlace place) {
        asked = null;
        known = place;
    }

    /** Begins to ask for the place. */
    void ask(OwnPlace place) {
        known = place;
        asked = place;
        place.start();
    }

    /** Lets half a second pass. */
    void slowTick() {
        OwnPlace present = asked;
        if (present != null) {
            present.slowTick();
        }
    }

    @Override
    public String zone() {
        return known.zone();
    }

    @Override
    public double clientShare(String zone) {
        return known.clientShare(zone);
    }

    @Override
    public String region() {
        return known.region();
    }

    @Override
    public double clientShare(ZoneOfRegion zone, Set<String> regions) {
        return known.clientShare(zone, regions);
    }

    @Override
    public int clients() {
        return known.clients();
    }

    @Override
    public String clientId() {
        return clientId;
    }

    @Override
    public boolean isZoneGiven() {
        return known.isZoneGiven();
    }

    @Override
    public int fingerprint() {
        return known.fingerprint();
    }
}
