/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import java.util.Locale;
import org.apiguardian.api.API;
import org.jspecify.annotations.Nullable;

/**
 * How a request came to the group of candidates that it was picked from.
 *
 * @param priority the priority of that group, 0 being used first
 * @param share the share of the requests that this priority takes, above 0, at most 1
 * @param why why it stayed in the own zone or left it, or why zones were not looked at
 * @param zones the shares that decided about it, null where zones were not looked at
 */
@API(status = API.Status.STABLE)
public record Routing(
        int priority, double share, Why why, @Nullable ZoneShares zones) {

    public Routing {
        requireNonNull(why, "why");
    }

    /** Why a request stayed in the own zone or left it. */
    public enum Why {
        /** Zones are not looked at, because the settings say so. */
        AFFINITY_OFF("zones are not looked at: affinity is off"),
        /** Zones are not looked at, because nobody knows the client's own. */
        OWN_ZONE_UNKNOWN("zones are not looked at: the own zone is not known"),
        /** Zones are not looked at, because all endpoints are in one. */
        ONE_ZONE("zones are not looked at: all endpoints that may be picked are in one"),
        /** Zones are not looked at, because the own one has none or too few endpoints. */
        FEW_LOCAL_ENDPOINTS("zones are not looked at: too few endpoints in the own one"),
        /** It stayed, because the settings force it to. */
        FORCED_LOCAL("forced to stay in the own zone"),
        /** It stayed, because the own zone has room for it. */
        KEPT_LOCAL("kept in the own zone"),
        /** It left, because the own zone's clients send more than its endpoints have room for. */
        CAPACITY("spilled for lack of capacity in the own zone"),
        /** It left, because the own zone is slower or fails more often than the others. */
        OVERLOAD("spilled because the own zone is slower or fails more often than the others"),
        /** It left, because something has to, for the others to be compared with. */
        PROBE("spilled to know how the other zones are");

        private final String words;

        Why(String words) {
            this.words = words;
        }

        /** Returns whether the request left the own zone. */
        public boolean isSpilled() {
            return this == CAPACITY || this == OVERLOAD || this == PROBE;
        }

        @Override
        public String toString() {
            return words;
        }
    }

    /**
     * What decides how much stays in the own zone.
     *
     * @param zone the own zone
     * @param clients the share of the clients that runs in it, 0 to 1
     * @param clientsKnown whether that is known; where not, the clients are taken to be spread evenly
     * @param endpoints the share of the endpoints that may be picked in it, by weight, 0 to 1
     * @param capacity what it has room for of what its clients send, {@code min(1, endpoints / clients)}
     * @param kept what it manages of that
     */
    public record ZoneShares(
            String zone, double clients, boolean clientsKnown, double endpoints, double capacity, double kept) {
        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "own zone %s has %.1f%% of the clients%s and %.1f%% of the endpoints: it has room for %.1f%%, "
                            + "and %.1f%% of that stay",
                    zone,
                    100 * clients,
                    clientsKnown ? "" : " (not known, taken to be even)",
                    100 * endpoints,
                    100 * capacity,
                    100 * kept);
        }
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "priority %d (%.1f%% of the requests), %s", priority, 100 * share, why)
                + (zones == null ? "" : "; " + zones);
    }
}
