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
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Who refuses fast must not be taken for the fastest. */
@Tag("figures")
class FastRefusalsTest {
    private static final List<SimulatedSystem> OURS = List.of(
            SimulatedSystem.ofStrategy("xds-lb-p2c-ewma", client -> new P2cEwma(client.random())),
            SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random())));

    @ParameterizedTest
    @CsvSource({"10, 1, 3", "10, 40, 3", "3, 1, 8", "3, 40, 8"})
    void podThatRefusesEverything_getsHardlyAnything_andComesBack(int pods, int clients, double atMost) {
        Scenario scenario = FastRefusals.oneOf(pods, clients);
        for (SimulatedSystem system : OURS) {
            double share = measure(scenario, system, "share-of-requests");
            double recovery = measure(scenario, system, "recovery");
            System.out.printf("%s %s: %.2f%%, recovery %.1f s%n", scenario.name(), system.name(), share, recovery);
            assertThat(share).as(system.name()).isLessThanOrEqualTo(atMost);
            assertThat(recovery).as(system.name()).isLessThanOrEqualTo(clients == 1 ? 20 : 80);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 40})
    void podsThatRefuseAlike_getTheSame(int clients) {
        Scenario scenario = FastRefusals.all(clients);
        for (SimulatedSystem system : OURS) {
            double most = measure(scenario, system, "max-over-mean");
            double least = measure(scenario, system, "min-over-mean");
            System.out.printf("%s %s: %.3f to %.3f%n", scenario.name(), system.name(), least, most);
            assertThat(most).as(system.name()).isLessThanOrEqualTo(1.05);
            assertThat(least).as(system.name()).isGreaterThanOrEqualTo(0.95);
        }
    }

    @Test
    void whoLooksAtRequestsInFlight_sendsItTwiceItsShare() {
        assertThat(measure(FastRefusals.oneOf(10, 1), Peers.p2cDistinct(), "share-of-requests"))
                .isGreaterThan(19);
    }
}
