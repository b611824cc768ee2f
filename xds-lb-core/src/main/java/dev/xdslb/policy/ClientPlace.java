/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Set;

/** Where this process runs, and how its fellow clients are spread over the zones. Thread-safe; may change at any time. */
public interface ClientPlace {

    /** Nothing is known. */
    ClientPlace UNKNOWN = inZone("");

    /** Returns a place in a zone, empty when unknown; how the clients are spread is not known. */
    static ClientPlace inZone(String zone) {
        return new ClientPlace() {
            @Override
            public String zone() {
                return zone;
            }

            @Override
            public double clientShare(String zoneOfClients) {
                return Double.NaN;
            }
        };
    }

    /** Returns the zone of this process, empty when unknown. */
    String zone();

    /** Returns which share of the clients runs in a zone, 0 to 1; NaN where the shares are not known. */
    double clientShare(String zone);

    /** Returns the region of this process, empty when unknown; so it is unless overridden. */
    default String region() {
        return "";
    }

    /**
     * Returns which share of the clients of some regions runs in a zone, 0 to 1; NaN where the shares are not known. Unless
     * overridden, all clients are of one region.
     *
     * @param regions those that serve; one of them may be unknown, and then no client is of another one
     */
    default double clientShare(ZoneOfRegion zone, Set<String> regions) {
        return clientShare(zone.zone());
    }

    /** Returns how many clients there are, this one included; 0 where that is not known. */
    default int clients() {
        return 0;
    }

    /** Returns what no other client has, by which each of them chooses other endpoints. */
    default String clientId() {
        return "";
    }

    /** Returns whether a person said the zone, who may have mistyped it. */
    default boolean isZoneGiven() {
        return true;
    }

    /** Returns a number that is another one, nearly always, where the zone or a share is. */
    default int fingerprint() {
        return zone().hashCode();
    }
}
