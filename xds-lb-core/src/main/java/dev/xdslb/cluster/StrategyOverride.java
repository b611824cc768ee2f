/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.strategy.LoadBalancingStrategy;
import java.time.Instant;

/**
 * A strategy that an operator has put over every other setting, for a while.
 *
 * @param untilNanos when that ends, in nanoseconds of the clock
 * @param until the same moment by the wall clock
 * @param usesResponseTimes what the strategy, which may be anybody's code, says that it needs
 * @param usesPoolLoad the same
 */
record StrategyOverride(
        LoadBalancingStrategy strategy,
        long untilNanos,
        Instant until,
        boolean usesResponseTimes,
        boolean usesPoolLoad) {

    /** Returns whether it has been there for as long as it was to be. */
    boolean isDue(long now) {
        return now - untilNanos >= 0;
    }

    /**
     * Returns an answer with this strategy in place of its own.
     *
     * @throws IllegalArgumentException where the other settings of the answer do not go together with it
     */
    ClusterPolicy.Answer over(ClusterPolicy.Answer answer) {
        return new ClusterPolicy.Answer(
                answer.question(), answer.settings().withStrategy(strategy), usesResponseTimes, usesPoolLoad);
    }
}
