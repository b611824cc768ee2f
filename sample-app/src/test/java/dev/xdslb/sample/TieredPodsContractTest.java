/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.test.LoadBalancingStrategyContractTest;
import dev.xdslb.test.TestCluster;
import java.util.Map;
import java.util.random.RandomGenerator;

/** {@link PremiumFirst} where every other pod and every other request is premium. */
class TieredPodsContractTest extends LoadBalancingStrategyContractTest {

    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new PremiumFirst(new P2cEwma(random));
    }

    @Override
    protected Endpoint.Builder endpoint(int number) {
        return TestCluster.endpoint(number).labels(number % 2 == 0 ? Map.of("tier", "premium") : Map.of());
    }

    @Override
    protected RequestAttributes request(int number) {
        return number % 2 == 0 ? RequestAttributes.ofHeader(PremiumFirst.HEADER, "premium") : RequestAttributes.NONE;
    }

    @Override
    protected boolean sharesEvenly() {
        return false; // each tier has its own requests, be its pods many or few
    }

    @Override
    protected boolean followsWeights() {
        return false; // within a tier only
    }
}
