/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static dev.xdslb.simulation.scenario.ScenariosTest.measure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.P2cLeastRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("figures")
class CapacityTest {
    private static final SimulatedSystem EWMA =
            SimulatedSystem.ofStrategy("xds-lb-p2c-ewma", client -> new P2cEwma(client.random()));
    private static final SimulatedSystem LEAST_REQUEST =
            SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random()));

    @Test
    void balancingEachRequest_halvesThePodsThatPinnedConnectionsNeed() {
        Scenario scenario = new Capacity(3000, 10, false);

        double limit = measure(scenario, SimulatedSystem.centralQueue(), "pods-needed");
        double ours = measure(scenario, LEAST_REQUEST, "pods-needed");

        assertThat(limit).isEqualTo(8);
        assertThat(ours).isBetween(limit, 9.0);
        assertThat(ours / measure(scenario, Peers.pinned(4), "pods-needed")).isLessThanOrEqualTo(0.5);
    }

    @ParameterizedTest
    @CsvSource({"10, false, 1.05", "10, true, 1.05", "40, false, 1.05", "40, true, 1.15"})
    void manyPods_areUsedNearlyAsWellAsFromOneQueue(int clients, boolean slowPods, double atMost) {
        assertThat(overTheLimit(clients, slowPods)).isLessThanOrEqualTo(atMost);
    }

    /** Takes most of a minute: {@code -Dxdslb.long=true}. */
    @ParameterizedTest
    @EnabledIfSystemProperty(named = "xdslb.long", matches = "true")
    @CsvSource({"false, 1.15", "true, 1.15"})
    void manyPods_areUsedWell_byManyClients(boolean slowPods, double atMost) {
        assertThat(overTheLimit(200, slowPods)).isLessThanOrEqualTo(atMost);
    }

    private static double overTheLimit(int clients, boolean slowPods) {
        Scenario scenario = new Capacity(30_000, clients, slowPods);
        double limit = slowPods ? 84 : 76; // of the central queue, which no client changes
        return measure(scenario, EWMA, "pods-needed") / limit;
    }

    @Test
    void slowPods_costMost_whereEveryPodGetsTheSame() {
        Scenario scenario = new Capacity(3000, 10, true);

        assertThat(measure(scenario, LEAST_REQUEST, "pods-needed")
                        / measure(scenario, Peers.roundRobin(), "pods-needed"))
                .isLessThan(0.75);
    }
}
