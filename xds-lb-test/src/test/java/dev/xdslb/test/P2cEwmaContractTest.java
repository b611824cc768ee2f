/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import java.util.random.RandomGenerator;

class P2cEwmaContractTest extends LoadBalancingStrategyContractTest {
    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new P2cEwma(random);
    }
}
