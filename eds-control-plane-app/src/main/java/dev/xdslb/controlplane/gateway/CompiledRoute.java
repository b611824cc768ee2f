/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a route says, made usable, whoever its parents are.
 *
 * @param hostnames those that are names, in lower case; none for every host
 * @param refused why nothing of it counts; null when something does
 * @param dropped what of it does not count; empty when everything does
 * @param references the condition ResolvedRefs
 */
record CompiledRoute(
        RouteObject route,
        List<String> hostnames,
        List<RouteEntry> entries,
        @Nullable Refusal refused,
        String dropped,
        Condition references) {

    CompiledRoute {
        requireNonNull(route, "route");
        hostnames = List.copyOf(hostnames);
        entries = List.copyOf(entries);
        requireNonNull(dropped, "dropped");
        requireNonNull(references, "references");
    }

    /** Why a route, or a part of it, does not count. */
    record Refusal(String reason, String message) {
        Refusal {
            requireNonNull(reason, "reason");
            requireNonNull(message, "message");
        }
    }
}
