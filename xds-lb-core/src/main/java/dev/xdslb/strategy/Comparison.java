/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import org.jspecify.annotations.Nullable;

/** Which of a few candidates gets a request. Thread-safe, without locks; called for every request. */
interface Comparison {

    /**
     * Returns the better one of two.
     *
     * @param onePerWeight 1 divided by the weight of the one
     * @param otherPerWeight the same of the other
     * @param firstOfEqual which one where neither is better
     * @param observer told about both; null where nobody wants to know
     */
    Candidate better(
            Candidate one,
            Candidate other,
            double onePerWeight,
            double otherPerWeight,
            boolean firstOfEqual,
            @Nullable PickObserver observer);

    /**
     * Returns the best one of a pool that is small enough to be looked at whole.
     *
     * @param observer told about all; null where nobody wants to know
     */
    Candidate best(Pool pool, @Nullable PickObserver observer);
}
