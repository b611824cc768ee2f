/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.simulation.scenario.SlowStart.Concurrency;
import dev.xdslb.simulation.scenario.SlowStart.RampBy;
import dev.xdslb.strategy.P2cLeastRequest;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The peers show what was published about them, so the scenarios measure what they say; and ours is held against it. */
@Tag("figures")
class ScenariosTest {
    private static final SimulatedSystem LEAST_REQUEST =
            SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random()));

    @Test
    void slowPod_isAvoidedAsLinkerdPublishedIt() {
        Scenario scenario = new SlowPod(1, 0, 2);

        assertThat(measure(scenario, Peers.roundRobin(), "answered-in-1s")).isCloseTo(95.45, within(0.05));
        assertThat(measure(scenario, Peers.p2cWithReplacement(), "answered-in-1s"))
                .isCloseTo(99.43, within(0.03));
        assertThat(measure(scenario, Peers.p2cDistinct(), "answered-in-1s")).isCloseTo(99.49, within(0.03));
        assertThat(measure(scenario, Peers.p2cPeakEwma(), "answered-in-1s")).isCloseTo(99.92, within(0.02));
        assertThat(measure(scenario, LEAST_REQUEST, "answered-in-1s")).isCloseTo(99.49, within(0.03));
    }

    @Test
    void failingPod_attractsWhoLooksAtRequestsInFlightOnly() {
        Scenario scenario = new FailingPod(1, 1, 1);

        assertThat(measure(scenario, Peers.roundRobin(), "failed")).isCloseTo(10, within(0.1));
        assertThat(measure(scenario, Peers.p2cDistinct(), "failed")).isCloseTo(20, within(0.5));
        assertThat(measure(scenario, Peers.fullScan(), "failed")).isGreaterThan(75);
        assertThat(measure(scenario, LEAST_REQUEST, "failed")).isLessThanOrEqualTo(0.12);
    }

    @ParameterizedTest
    @CsvSource({"3, 0, 63", "5, 0, 77", "10, 7, 87", "20, 46, 92"})
    void hungPod_takesLess_fromWhoComparesTwoDifferentPods(int pods, double withReplacement, double distinct) {
        Scenario scenario = new HungPod(pods, 1);

        // What is left of the former falls with time; how much is seen depends on when one looks.
        assertThat(measure(scenario, Peers.p2cWithReplacement(), "throughput-kept"))
                .isCloseTo(withReplacement, within(6.0));
        assertThat(measure(scenario, Peers.p2cDistinct(), "throughput-kept")).isCloseTo(distinct, within(1.0));
    }

    @ParameterizedTest
    @CsvSource({"3, 66", "5, 76", "10, 86"})
    void hungPod_leavesOursWhatTheOthersCarry(int pods, double atLeast) {
        assertThat(measure(new HungPod(pods, 1), LEAST_REQUEST, "throughput-kept"))
                .isGreaterThan(atLeast);
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 16.7", "10, 2, 2.2", "20, 4, 3.2", "100, 20, 3.8"})
    void severalSlowPods_stillGetTheSamplingFloor(int pods, int slow, double floor) {
        SamplingFloor scenario = new SamplingFloor(pods, slow, 5);

        assertThat(scenario.floor(2) * 100).isCloseTo(floor, within(0.05));
        assertThat(measure(scenario, Peers.p2cDistinct(), "slow-share")).isCloseTo(floor, within(0.05 * floor + 0.1));
        assertThat(measure(scenario, LEAST_REQUEST, "slow-share"))
                .isLessThanOrEqualTo(measure(scenario, Peers.p2cWithReplacement(), "slow-share"));
    }

    @ParameterizedTest
    @EnumSource(Concurrency.class)
    void newPod_getsFromOursWhatItsWeightSays(Concurrency concurrency) {
        for (int ramp : new int[] {1, 3, 5}) {
            assertThat(measure(new SlowStart(concurrency, ramp, RampBy.WEIGHT, 1), LEAST_REQUEST, "share-over-ramp"))
                    .as("ramp 0." + ramp)
                    .isBetween(0.85, 1.15);
        }
    }

    @Test
    void names_areDifferent() {
        List<String> names = Scenarios.all().stream().map(Scenario::name).toList();

        assertThat(names).doesNotHaveDuplicates().allMatch(name -> name.matches("[a-z0-9]+([-.][a-z0-9]+)*"));
    }

    static double measure(Scenario scenario, SimulatedSystem system, String metric) {
        return scenario.run(system).stream()
                .filter(row -> row.metric().equals(metric))
                .findFirst()
                .orElseThrow()
                .value();
    }
}
