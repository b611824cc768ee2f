/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.simulation.scenario;

import static dev.xdslb.test.simulation.scenario.ScenariosTest.measure;
import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.test.simulation.SimulatedSystem;
import dev.xdslb.test.simulation.peer.Peers;
import org.junit.jupiter.api.Test;

class CapacityTest {
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

    @Test
    void slowPods_costMost_whereEveryPodGetsTheSame() {
        Scenario scenario = new Capacity(3000, 10, true);

        assertThat(measure(scenario, LEAST_REQUEST, "pods-needed")
                        / measure(scenario, Peers.roundRobin(), "pods-needed"))
                .isLessThan(0.75);
    }
}
