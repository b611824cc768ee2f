/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How many endpoints of each zone are in a client's subset: in proportion to the zone's endpoints, at least one, by the method of
 * Webster and Sainte-Laguë. Of all ways to round, this one moves no more than one place when an endpoint comes or goes, and so at most
 * one endpoint of the subset is exchanged.
 *
 * <p>Where the own zone is preferred, it has as many places as the whole subset, and the others together as many again: nearly all
 * requests stay in the own zone, and are to be spread as evenly there as without zones.
 */
final class ZoneQuotas {
    private ZoneQuotas() {}

    /**
     * Returns the places of each zone.
     *
     * @param endpoints of each zone, at least 1 each
     * @param size of the subset
     * @param own the position of the preferred zone, null where none is
     */
    static int[] of(int[] endpoints, int size, @Nullable Integer own) {
        if (own == null) {
            return divided(endpoints, size);
        }
        int[] others = endpoints.clone();
        others[own] = 0;
        int[] quotas = divided(others, size);
        quotas[own] = Math.min(endpoints[own], size);
        return quotas;
    }

    private static int[] divided(int[] endpoints, int size) {
        int[] places = new int[endpoints.length];
        int free = Math.min(size, Arrays.stream(endpoints).sum());
        for (int zone = 0; zone < endpoints.length; zone++) {
            places[zone] = Math.min(1, endpoints[zone]);
            free -= places[zone];
        }
        for (; free > 0; free--) {
            places[next(endpoints, places)]++;
        }
        return places;
    }

    /** Returns which zone has the greatest claim to one more place. */
    private static int next(int[] endpoints, int[] places) {
        int next = -1;
        for (int zone = 0; zone < endpoints.length; zone++) {
            if (places[zone] < endpoints[zone]
                    && (next < 0 || claim(endpoints, places, zone) > claim(endpoints, places, next))) {
                next = zone;
            }
        }
        return next;
    }

    private static double claim(int[] endpoints, int[] places, int zone) {
        return endpoints[zone] / (2.0 * places[zone] + 1);
    }
}
