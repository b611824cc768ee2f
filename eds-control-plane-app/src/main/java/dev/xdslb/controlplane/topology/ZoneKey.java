/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/**
 * A zone: two regions may call theirs the same.
 *
 * @param region empty when unknown
 * @param zone empty when unknown
 */
public record ZoneKey(String region, String zone) implements Comparable<ZoneKey> {
    private static final Comparator<ZoneKey> ORDER =
            Comparator.comparing(ZoneKey::region).thenComparing(ZoneKey::zone);

    public ZoneKey {
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
    }

    /** Returns whether both may be the same zone, as far as their regions are known. */
    public boolean maybe(ZoneKey other) {
        return zone.equals(other.zone) && (region.equals(other.region) || region.isEmpty() || other.region.isEmpty());
    }

    @Override
    public int compareTo(ZoneKey other) {
        return ORDER.compare(this, other);
    }
}
