/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.strategy.LoadBalancingStrategy;

/**
 * A strategy that an operator has put over every other setting, for a while.
 *
 * @param term for how long
 * @param usesResponseTimes what the strategy, which may be anybody's code, says that it needs
 * @param usesPoolLoad the same
 */
record StrategyOverride(LoadBalancingStrategy strategy, Term term, boolean usesResponseTimes, boolean usesPoolLoad) {

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
