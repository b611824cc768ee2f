/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.RoundRobin;
import java.util.random.RandomGenerator;

class RoundRobinContractTest extends LoadBalancingStrategyContractTest {
    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new RoundRobin(random);
    }

    @Override
    protected boolean followsWeights() {
        return false;
    }

    @Override
    protected boolean goesInTurn() {
        return true;
    }
}
