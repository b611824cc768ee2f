/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.WeightedRoundRobin;
import java.util.random.RandomGenerator;

class WeightedRoundRobinContractTest extends LoadBalancingStrategyContractTest {
    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new WeightedRoundRobin(random);
    }

    @Override
    protected boolean goesInTurn() {
        return true;
    }
}
