/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.test.simulation.SimulatedSystem;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ManyDeadTest {
    private static final SimulatedSystem EWMA =
            SimulatedSystem.ofStrategy("xds-lb-p2c-ewma", client -> new P2cEwma(client.random()));

    static Object[] scenarios() {
        return Scenarios.manyDead().toArray();
    }

    @ParameterizedTest
    @MethodSource("scenarios")
    void manyDeadPods_costFewRequests_andComeBack(ManyDead scenario) {
        Map<String, Double> ours = new HashMap<>();
        scenario.run(EWMA).forEach(row -> ours.put(row.metric(), row.value()));
        System.out.println(scenario.name() + " " + ours + " of " + scenario.maxRecoverySeconds());

        assertThat(ours.get("failed")).as(scenario.name()).isLessThanOrEqualTo(3);
        assertThat(ours.get("recovery")).as(scenario.name()).isLessThanOrEqualTo(scenario.maxRecoverySeconds());
    }
}
