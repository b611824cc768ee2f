/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Maglev;
import dev.xdslb.strategy.RequestAttributes;
import java.util.random.RandomGenerator;

class MaglevContractTest extends LoadBalancingStrategyContractTest {
    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new Maglev(HashSettings.of(KeyedRequest.KEY), random);
    }

    @Override
    protected RequestAttributes request(int number) {
        return KeyedRequest.of(number);
    }

    /** With two requests in flight as its share, an endpoint meets its bound by chance, and more often than a heavy one. */
    @Override
    protected double tolerance() {
        return 0.25;
    }
}
