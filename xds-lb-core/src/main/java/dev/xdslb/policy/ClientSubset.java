/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointKey;
import java.util.List;
import java.util.Map;

/**
 * Which endpoints of a service this client uses. Immutable.
 *
 * @param chosen those, ready or not, in the order of the source
 * @param outside the others
 * @param standsFor for how many endpoints of its zone a chosen one stands, where that is not itself alone
 * @param parts how each part was chosen; empty where endpoints-per-client is off
 */
public record ClientSubset(
        List<Endpoint> chosen, List<Endpoint> outside, Map<EndpointKey, Double> standsFor, List<Part> parts) {

    private static final ClientSubset NONE = new ClientSubset(List.of(), List.of(), Map.of(), List.of());

    public ClientSubset {
        chosen = List.copyOf(chosen);
        outside = List.copyOf(outside);
        standsFor = Map.copyOf(standsFor);
        parts = List.copyOf(parts);
    }

    /** Returns that of a client which uses all. */
    public static ClientSubset all(List<Endpoint> endpoints) {
        return endpoints.isEmpty() ? NONE : new ClientSubset(endpoints, List.of(), Map.of(), List.of());
    }

    /** Returns for how many endpoints a chosen one stands. */
    public double standsFor(Endpoint endpoint) {
        return standsFor.getOrDefault(endpoint.key(), 1.0);
    }

    /**
     * The endpoints that a request may choose among: those of one priority and of one value of the label that requests are routed
     * by.
     *
     * @param priority theirs
     * @param label that value, empty where requests are not routed by a label or the endpoints have none
     * @param endpoints how many there are
     * @param chosen how many of them are used, those included that are not ready or stand in for others
     * @param why why so many
     */
    public record Part(int priority, String label, int endpoints, int chosen, String why) {

        /** Returns whether none of them is outside. */
        public boolean isWhole() {
            return chosen == endpoints;
        }

        @Override
        public String toString() {
            return "priority " + priority + (label.isEmpty() ? "" : ", label value " + label) + ": " + chosen + " of "
                    + endpoints + " endpoints (" + why + ')';
        }
    }
}
