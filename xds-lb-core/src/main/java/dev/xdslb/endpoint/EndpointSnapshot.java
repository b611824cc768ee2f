/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static java.util.Objects.requireNonNull;

import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * All endpoints of a cluster at one moment. Immutable.
 *
 * @param resource the name under which it was asked for
 * @param version what the source calls this state; equal versions have equal endpoints
 * @param endpoints every known endpoint, also those that are not ready; no address occurs twice
 */
public record EndpointSnapshot(String resource, String version, List<Endpoint> endpoints) {

    public EndpointSnapshot {
        requireNonNull(resource, "resource");
        requireNonNull(version, "version");
        endpoints = List.copyOf(endpoints);
        Set<String> addresses = new HashSet<>();
        for (Endpoint endpoint : endpoints) {
            if (!addresses.add(endpoint.address())) {
                throw new IllegalArgumentException("endpoints of " + resource + ": " + endpoint.address()
                        + " twice (expected: distinct addresses)");
            }
        }
    }
}
