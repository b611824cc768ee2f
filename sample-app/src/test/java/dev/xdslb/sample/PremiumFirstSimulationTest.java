/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.simulation.scenario.HungPod;
import dev.xdslb.simulation.scenario.Report;
import dev.xdslb.simulation.scenario.Row;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class PremiumFirstSimulationTest {
    static final SimulatedSystem PREMIUM_FIRST =
            SimulatedSystem.ofStrategy("premium-first", client -> new PremiumFirst(new P2cEwma(client.random())));
    static final SimulatedSystem P2C_EWMA =
            SimulatedSystem.ofStrategy("p2c-ewma", client -> new P2cEwma(client.random()));

    @Test
    void aFifthOfTheRequests_keepsThreeOfTenPodsToItself() {
        PodSpec pod =
                PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.6)).withConcurrency(8);
        Simulation simulation = Simulation.builder()
                .pods(3, pod.withLabels(Map.of("tier", "premium")))
                .pods(7, pod)
                .clients(ClientGroup.openLoop(40, 2000).sending(PremiumFirstSimulationTest::request))
                .build();

        SimulationResult result = simulation.run(PREMIUM_FIRST, 1);

        double premium = 0;
        for (int i = 0; i < 3; i++) {
            premium += result.last().podRequests(i);
        }
        assertThat(premium / result.last().requests()).isBetween(0.19, 0.21);
        assertThat(result.last().percentileMillis(99)).isLessThan(100);
    }

    @Test
    void aHungPod_isAvoidedAsByTheStrategyBelow() {
        List<Row> rows =
                new Report(System.out).run(new HungPod(10, 1), List.of(PREMIUM_FIRST, P2C_EWMA, Peers.roundRobin()));

        assertThat(rows)
                .filteredOn(row -> !row.system().equals("round-robin"))
                .allSatisfy(row -> assertThat(row.value()).isGreaterThan(87));
    }

    private static RequestAttributes request(RandomGenerator random) {
        return random.nextDouble() < 0.2
                ? RequestAttributes.ofHeader(PremiumFirst.HEADER, "premium")
                : RequestAttributes.NONE;
    }
}
