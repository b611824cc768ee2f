/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.SlowStartSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a pod that has just become ready is brought up to its share of the requests.
 *
 * @param window How long it takes from the pod's ready time on. 0 switches it off.
 * @param minShare Share of its requests that a pod starts with, above 0 and at most 1.
 * @param aggression Form of the ramp, above 0. A straight line at 1, a faster start above it, a slower one below it.
 */
public record SlowStartProperties(
        @Nullable Duration window,
        @Nullable Double minShare,
        @Nullable Double aggression) {

    SlowStartSettings over(SlowStartSettings base) {
        return new SlowStartSettings(
                requireNonNullElse(window, base.window()),
                requireNonNullElse(minShare, base.minShare()),
                requireNonNullElse(aggression, base.aggression()));
    }
}
