/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.test.LoadBalancingStrategyContractTest;
import java.util.random.RandomGenerator;

class PremiumFirstContractTest extends LoadBalancingStrategyContractTest {

    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new PremiumFirst(new P2cEwma(random));
    }
}
