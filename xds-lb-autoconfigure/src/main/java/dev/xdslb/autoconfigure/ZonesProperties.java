/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.ZoneSettings;
import dev.xdslb.policy.ZoneSettings.Affinity;
import org.jspecify.annotations.Nullable;

/**
 * Whether requests stay in the application's own zone.
 *
 * @param affinity How strictly requests stay in the own zone. OFF does not look at zones, SPILL sends elsewhere what the own
 *     zone cannot take, FORCED leaves the own zone only when it has no endpoint.
 * @param minLocalEndpoints Number of endpoints in the own zone below which zones are not looked at, 1 or more.
 */
public record ZonesProperties(
        @Nullable Affinity affinity, @Nullable Integer minLocalEndpoints) {

    ZoneSettings over(ZoneSettings base) {
        return new ZoneSettings(
                requireNonNullElse(affinity, base.affinity()),
                requireNonNullElse(minLocalEndpoints, base.minLocalEndpoints()));
    }
}
