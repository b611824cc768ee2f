/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.strategy.P2cEwma;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bounds of what many dead pods cost a client of few requests, and that nothing else is mistaken for it. */
@Tag("figures")
class ManyDeadTest {
    private static final int SEEDS = 5;
    private static final Duration HEALTHY = Duration.ofMinutes(5);
    private static final Duration LEARNING = Duration.ofMinutes(1);
    private static final PodSpec POD = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.3));
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

        assertThat(ours.get("failed")).as(scenario.name()).isLessThanOrEqualTo(3);
        assertThat(ours.get("recovery")).as(scenario.name()).isLessThanOrEqualTo(scenario.maxRecoverySeconds());
    }

    @ParameterizedTest
    @CsvSource({"20, 50, 1", "40, 100, 1", "100, 300, 1", "60, 100, 1", "20, 50, 5", "100, 300, 5"})
    void podsThatDieAfterAHealthyTime_costAsLittle(int dead, int pods, int requestsPerSecond) {
        Fault failing = Fault.failing(HEALTHY, Fault.FOR_EVER, 1, Duration.ofMillis(1));
        Fault refusing = Fault.refusing(HEALTHY, Fault.FOR_EVER);
        for (Fault fault : List.of(failing, refusing)) {
            assertThat(failed(POD.withFault(fault), dead, POD, pods - dead, requestsPerSecond))
                    .as(fault.kind().toString())
                    .isLessThanOrEqualTo(0.03);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void halfRefusingHalfFailing_costAsLittle(int requestsPerSecond) {
        Simulation simulation = simulation(requestsPerSecond)
                .pods(20, POD.withFault(Fault.refusing(Duration.ZERO, Fault.FOR_EVER)))
                .pods(20, POD.withFault(Fault.failing(Duration.ZERO, Fault.FOR_EVER, 1, Duration.ofMillis(1))))
                .pods(60, POD)
                .build();

        assertThat(mean(simulation)).isLessThanOrEqualTo(0.03);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5})
    void healthyPods_thatFailOnceInAHundred_areNotMistakenForDeadOnes(int requestsPerSecond) {
        PodSpec dead = POD.withFault(Fault.failing(Duration.ZERO, Fault.FOR_EVER, 1, Duration.ofMillis(1)));

        assertThat(failed(dead, 40, POD.withErrors(0.01), 60, requestsPerSecond))
                .isLessThanOrEqualTo(0.03);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "0.01, 1", "0.3, 1", "1, 1", "0.01, 5", "0.3, 5", "1, 5"})
    void podsThatFailAlike_areUsedAlike(double errors, int requestsPerSecond) {
        Simulation simulation =
                simulation(requestsPerSecond).pods(100, POD.withErrors(errors)).build();
        Simulation healthy = simulation(requestsPerSecond).pods(100, POD).build();

        double unevenness = Seeds.run(simulation, EWMA, Scenario.FIRST_SEED, SEEDS)
                .mean(r -> r.last().maxOverMean());
        double usual = Seeds.run(healthy, EWMA, Scenario.FIRST_SEED, SEEDS)
                .mean(r -> r.last().maxOverMean());
        assertThat(unevenness)
                .isLessThanOrEqualTo(usual * 1.6); // a few seconds on a few pods, where chance looks like more
        assertThat(mean(simulation)).isLessThanOrEqualTo(errors * 1.05 + 0.005);
    }

    private static double failed(PodSpec some, int count, PodSpec others, int otherCount, int requestsPerSecond) {
        return mean(simulation(requestsPerSecond)
                .pods(count, some)
                .pods(otherCount, others)
                .build());
    }

    private static Simulation.Builder simulation(int requestsPerSecond) {
        return Simulation.builder()
                .clients(ClientGroup.openLoop(1, requestsPerSecond))
                .phaseFrom(HEALTHY)
                .phaseFrom(HEALTHY.plus(LEARNING))
                .duration(HEALTHY.plusMinutes(10));
    }

    private static double mean(Simulation simulation) {
        return Seeds.run(simulation, EWMA, Scenario.FIRST_SEED, SEEDS)
                .mean(r -> r.last().failedShare());
    }
}
