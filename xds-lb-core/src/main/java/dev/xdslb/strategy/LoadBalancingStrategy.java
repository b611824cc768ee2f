/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Pool;

/**
 * A way to pick one endpoint among those that are eligible.
 *
 * <p>Health, ejection and weights are decided before: a strategy sees only candidates that may be used. It is shared by
 * all clusters that name it and must be thread-safe.
 */
public interface LoadBalancingStrategy {

    /** Returns the name that selects it in the configuration, in kebab-case and unique. */
    String name();

    /**
     * Makes the picker for one state of a cluster. Called on the slow path, whenever the pool has changed.
     *
     * @param pool at least one candidate; immutable, but the candidates' load goes on changing
     */
    Picker picker(Pool pool);
}
