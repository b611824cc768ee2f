/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("figures")
class ScenarioSeedsTest {
    /** Ends a run as soon as it has made its first client, with what that one draws: the seed's trace. */
    private static final SimulatedSystem STOPPING = SimulatedSystem.ofAlgorithm("stopping", client -> {
        throw new Stopped(client.random().nextLong());
    });

    static List<Scenario> all() {
        return Scenarios.all();
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyScenario_startsWithTheSeedThatItIsGiven(Scenario scenario) {
        assertThat(firstDraw(scenario, 1001))
                .isEqualTo(firstDraw(scenario, 1001))
                .isNotEqualTo(firstDraw(scenario, 1002))
                .isNotEqualTo(firstDraw(scenario, 1));
    }

    @ParameterizedTest
    @MethodSource("all")
    void everyScenario_startsWithSeed1_whereNoneIsGiven(Scenario scenario) {
        assertThat(catchThrowableOfType(Stopped.class, () -> scenario.run(STOPPING)).draw)
                .isEqualTo(firstDraw(scenario, 1));
    }

    @Test
    void severalSeeds_followTheFirstOne() {
        Scenario scenario = new HungPod(3, 3);
        List<Long> from5 = draws(scenario, 5);
        List<Long> from6 = draws(scenario, 6);

        assertThat(from5).hasSize(3).doesNotHaveDuplicates();
        assertThat(from6.subList(0, 2)).isEqualTo(from5.subList(1, 3));
    }

    @Test
    void sameSeed_measuresTheSame_andAnotherOneSomethingElse() {
        Scenario scenario = ZoneShares.allReady(List.of(1, 1), List.of(2, 3));

        assertThat(scenario.run(Peers.p2cDistinct(), 7))
                .isEqualTo(scenario.run(Peers.p2cDistinct(), 7))
                .isNotEqualTo(scenario.run(Peers.p2cDistinct(), 8));
    }

    @Test
    void report_handsTheSeedOn() {
        Scenario scenario = ZoneShares.allReady(List.of(1, 1), List.of(2, 3));

        assertThat(new Report(new StringBuilder()).run(scenario, List.of(Peers.p2cDistinct()), 7))
                .isEqualTo(scenario.run(Peers.p2cDistinct(), 7));
    }

    private static long firstDraw(Scenario scenario, long seed) {
        return catchThrowableOfType(Stopped.class, () -> scenario.run(STOPPING, seed)).draw;
    }

    private static List<Long> draws(Scenario scenario, long seed) {
        List<Long> draws = new ArrayList<>();
        scenario.run(
                SimulatedSystem.ofAlgorithm("recording", client -> {
                    draws.add(client.random().nextLong());
                    return Peers.roundRobin().balancers().apply(client);
                }),
                seed);
        return draws;
    }

    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1;
        private final long draw;

        Stopped(long draw) {
            super("the first client is made");
            this.draw = draw;
        }
    }
}
