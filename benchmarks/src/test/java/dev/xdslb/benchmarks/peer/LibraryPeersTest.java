/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.peer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PhaseResult;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.scenario.FailingPod;
import dev.xdslb.simulation.scenario.SlowPod;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LibraryPeersTest {
    static List<SimulatedSystem> peers() {
        return LibraryPeers.all();
    }

    @ParameterizedTest
    @MethodSource("peers")
    void peer_usesTheReadyPods_evenlyWhereTheyAreAlike(SimulatedSystem peer) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.3));
        Simulation simulation = Simulation.builder()
                .pods(4, pod)
                .pod(pod.withFault(Fault.notReady(Duration.ofSeconds(5), Fault.FOR_EVER)))
                .clients(ClientGroup.openLoop(3, 1000))
                .phaseFrom(Duration.ofSeconds(5))
                .duration(Duration.ofSeconds(20))
                .build();

        PhaseResult after = simulation.run(peer, 1).last();

        assertThat(after.failed()).isZero();
        assertThat(after.podRequests(4)).isZero();
        assertThat(after.maxOverMean()).isLessThan(1.1);
    }

    @Test
    void leastRequestOfGrpc_countsItsStreams() {
        SimulatedSystem leastRequest = LibraryPeers.all().get(0);

        double failed = new FailingPod(1, 1, 1).run(leastRequest).get(0).value();

        // Draws with replacement; an idle pod that fails fast always looks best.
        assertThat(failed).isBetween(17.0, 21.0);
    }

    @Test
    void peakEwmaOfFinagle_measuresInVirtualTime() {
        SimulatedSystem peakEwma = LibraryPeers.all().stream()
                .filter(system -> system.name().equals("finagle-p2c-peak-ewma"))
                .findFirst()
                .orElseThrow();

        double answered = new SlowPod(1, 0, 1).run(peakEwma).get(0).value();

        assertThat(answered).as("as Linkerd published it").isCloseTo(99.9, within(0.05));
    }
}
