/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static java.util.Objects.requireNonNull;

/**
 * Where an endpoint or a client runs, in xDS terms.
 *
 * @param region the region, empty when unknown
 * @param zone the zone, empty when unknown
 * @param subZone the part of the zone, empty when unknown
 */
public record Locality(String region, String zone, String subZone) {

    /** Nothing is known about the place. */
    public static final Locality UNKNOWN = new Locality("", "", "");

    public Locality {
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
        requireNonNull(subZone, "subZone");
    }

    /** Returns the locality of a zone whose region is unknown. */
    public static Locality ofZone(String zone) {
        return new Locality("", zone, "");
    }
}
