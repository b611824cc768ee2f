/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.policy.ErrorBiasSettings;
import org.jspecify.annotations.Nullable;

/**
 * How much less an endpoint gets that fails more often than the others.
 *
 * @param exponent How strongly a success ratio below that of all endpoints counts, 0 or more. 0 switches it off.
 * @param minShare Share of its requests that the worst endpoint keeps, above 0 and at most 1.
 */
public record ErrorBiasProperties(
        @Nullable Double exponent, @Nullable Double minShare) {

    ErrorBiasSettings over(ErrorBiasSettings base) {
        return new ErrorBiasSettings(
                requireNonNullElse(exponent, base.exponent()), requireNonNullElse(minShare, base.minShare()));
    }
}
