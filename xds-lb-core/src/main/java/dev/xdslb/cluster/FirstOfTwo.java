/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.endpoint.Endpoint;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A fallback that asks another one where the first knows nothing or fails. Two of equal parts are equal. */
record FirstOfTwo(FallbackEndpoints first, FallbackEndpoints second) implements FallbackEndpoints {

    @Override
    public List<Endpoint> endpoints(String resource) {
        @Nullable Throwable failure = null; // that of the first, null as an answer included
        try {
            List<Endpoint> endpoints = first.endpoints(resource);
            if (!endpoints.isEmpty()) {
                return endpoints;
            }
        } catch (RuntimeException | Error e) {
            failure = e;
        }
        List<Endpoint> endpoints = second.endpoints(resource);
        if (endpoints.isEmpty()) {
            rethrow(failure); // else nobody would learn of it
        }
        return endpoints;
    }

    private static void rethrow(@Nullable Throwable failure) {
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure instanceof RuntimeException exception) {
            throw exception;
        }
    }
}
