/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.cluster.RetryBudgetSettings;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How many retries may be sent to a service.
 *
 * @param enabled Whether retries are limited. Where not, they are only counted.
 * @param share Share of a service's requests within the window that may be tried again, 0 to 1.
 * @param minPerSecond Retries per second that are allowed besides, 0 to 1000000. Those of a whole window may be sent at once.
 * @param window How far the budget looks back, 1s to 10m.
 */
public record RetryBudgetProperties(
        @Nullable Boolean enabled,
        @Nullable Double share,
        @Nullable Integer minPerSecond,
        @Nullable Duration window) {

    RetryBudgetSettings over(RetryBudgetSettings base) {
        return new RetryBudgetSettings(
                requireNonNullElse(enabled, base.enabled()),
                requireNonNullElse(share, base.share()),
                requireNonNullElse(minPerSecond, base.minPerSecond()),
                requireNonNullElse(window, base.window()));
    }
}
