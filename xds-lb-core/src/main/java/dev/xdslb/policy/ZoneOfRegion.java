/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.Locality;
import java.util.Comparator;

/**
 * A zone: two regions may call theirs the same.
 *
 * @param region empty when unknown
 * @param zone empty when unknown
 */
public record ZoneOfRegion(String region, String zone) implements Comparable<ZoneOfRegion> {
    private static final Comparator<ZoneOfRegion> ORDER =
            Comparator.comparing(ZoneOfRegion::region).thenComparing(ZoneOfRegion::zone);

    public ZoneOfRegion {
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
    }

    /** Returns the zone that a locality is in. */
    public static ZoneOfRegion of(Locality locality) {
        return new ZoneOfRegion(locality.region(), locality.zone());
    }

    /** Returns whether both may be the same zone, as far as their regions are known. */
    public boolean maybe(ZoneOfRegion other) {
        return isNamed(other.region, other.zone);
    }

    /** Returns whether a locality may be in this zone, as far as their regions are known. */
    public boolean holds(Locality locality) {
        return isNamed(locality.region(), locality.zone());
    }

    private boolean isNamed(String otherRegion, String otherZone) {
        return zone.equals(otherZone) && (region.equals(otherRegion) || region.isEmpty() || otherRegion.isEmpty());
    }

    @Override
    public int compareTo(ZoneOfRegion other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return region.isEmpty() ? zone : region + '/' + zone;
    }
}
