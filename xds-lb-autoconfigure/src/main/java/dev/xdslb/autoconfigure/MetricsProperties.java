/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which meters there are.
 *
 * @param enabled Whether there are meters, where the application has a meter registry.
 * @param endpoints Number of endpoints, of all services together, that have meters of their own. 0 for none.
 */
public record MetricsProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue("0") int endpoints) {}
