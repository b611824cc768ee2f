/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.util.Map;
import java.util.random.RandomGenerator;

/** A strategy of somebody's own that divides the pool and goes in turn within each part. */
class TiersInTurnContractTest extends LoadBalancingStrategyContractTest {
    private static final String TIER = "x-tier";

    @Override
    protected LoadBalancingStrategy strategy(RandomGenerator random) {
        return new Tiers(new RoundRobin(random));
    }

    @Override
    protected Endpoint.Builder endpoint(int number) {
        return TestCluster.endpoint(number).labels(Map.of("tier", String.valueOf(number % 2)));
    }

    @Override
    protected RequestAttributes request(int number) {
        return RequestAttributes.ofHeader(TIER, String.valueOf(number % 2));
    }

    @Override
    protected boolean sharesEvenly() {
        return false; // each tier has half of the requests, be its pods many or few
    }

    @Override
    protected boolean followsWeights() {
        return false;
    }

    @Override
    protected boolean goesInTurn() {
        return true;
    }

    private record Tiers(LoadBalancingStrategy within) implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "tiers";
        }

        @Override
        public Picker picker(Pool pool) {
            Picker even = pickerOf(pool, "0");
            Picker odd = pickerOf(pool, "1");
            return Picker.deciding(request -> "1".equals(request.header(TIER)) ? odd : even);
        }

        private Picker pickerOf(Pool all, String tier) {
            Pool part = all.where(
                    candidate -> tier.equals(candidate.endpoint().labels().get("tier")));
            return within.picker(part.size() > 0 ? part : all);
        }
    }
}
