/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.data.Percentage.withPercentage;

import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.strategy.P2cLeastRequest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The simulator against what queueing theory knows. */
class SimulationTest {
    private static final Duration SERVICE = Duration.ofMillis(10);
    private static final SimulatedSystem P2C =
            SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random()));

    @Test
    void onePodWithOneWorker_answersAsAnMm1QueueDoes() {
        double utilisation = 0.7;
        Simulation simulation = Simulation.builder()
                .pod(PodSpec.of(ServiceTime.exponential(SERVICE)).withConcurrency(1))
                .clients(ClientGroup.openLoop(1, utilisation * 100))
                .duration(Duration.ofHours(2))
                .build();

        PhaseResult result = simulation.run(Peers.random(), 1).last();

        double mean = 10 / (1 - utilisation);
        assertThat(result.meanMillis()).isCloseTo(mean, withPercentage(3));
        assertThat(result.percentileMillis(99)).isCloseTo(mean * Math.log(100), withPercentage(3));
    }

    @Test
    void onePodWithManyWorkers_answersAsAnMmcQueueDoes() {
        int workers = 4;
        double load = 3.2; // in Erlang: 80% of the workers
        Simulation simulation = Simulation.builder()
                .pod(PodSpec.of(ServiceTime.exponential(SERVICE)).withConcurrency(workers))
                .clients(ClientGroup.openLoop(10, load * 100))
                .duration(Duration.ofHours(1))
                .build();

        PhaseResult result = simulation.run(Peers.random(), 2).last();

        assertThat(result.meanMillis()).isCloseTo(mmcMean(workers, load), withPercentage(3));
    }

    @Test
    void centralQueue_makesOneQueueOfAllPods() {
        double load = 3.2;
        Simulation simulation = Simulation.builder()
                .pods(4, PodSpec.of(ServiceTime.exponential(SERVICE)).withConcurrency(1))
                .clients(ClientGroup.openLoop(10, load * 100))
                .duration(Duration.ofHours(1))
                .build();

        PhaseResult result = simulation.run(SimulatedSystem.centralQueue(), 3).last();

        assertThat(result.meanMillis()).isCloseTo(mmcMean(4, load), withPercentage(3));
    }

    /** Little's law: what is in flight, divided by the response time, is the throughput. */
    @Test
    void closedLoop_keepsItsWorkersBusy() {
        Simulation simulation = Simulation.builder()
                .pods(5, PodSpec.of(ServiceTime.fixed(Duration.ofMillis(50))))
                .clients(ClientGroup.closedLoop(2, 20))
                .duration(Duration.ofSeconds(20))
                .phaseFrom(Duration.ofSeconds(1))
                .build();

        assertThat(simulation.run(P2C, 4).last().throughput()).isCloseTo(2 * 20 / 0.05, withPercentage(0.5));
    }

    @Test
    void sameSeed_givesTheSameRunToTheLastRequest() {
        Simulation simulation = smallSimulation().build();
        for (SimulatedSystem system : new SimulatedSystem[] {P2C, Peers.p2cPeakEwma()}) {
            SimulationResult once = simulation.run(system, 5);
            SimulationResult again = simulation.run(system, 5);
            SimulationResult other = simulation.run(system, 6);

            assertThat(again.events()).isEqualTo(once.events());
            assertThat(again.last().meanMillis()).isEqualTo(once.last().meanMillis());
            assertThat(other.last().meanMillis()).isNotEqualTo(once.last().meanMillis());
            for (int pod = 0; pod < 3; pod++) {
                assertThat(again.last().podRequests(pod)).isEqualTo(once.last().podRequests(pod));
            }
        }
    }

    @Test
    void sameSeed_givesEverySystemTheSameNumberOfRequests() {
        Simulation simulation = smallSimulation().build();

        assertThat(simulation.run(Peers.roundRobin(), 7).last().requests())
                .isEqualTo(simulation.run(P2C, 7).last().requests());
    }

    @Test
    void timeout_endsARequestAsAFailure_whileItsWorkerGoesOn() {
        Simulation simulation = Simulation.builder()
                .pod(PodSpec.of(ServiceTime.fixed(Duration.ofSeconds(2))).withConcurrency(1))
                .clients(ClientGroup.closedLoop(1, 1))
                .timeout(Duration.ofSeconds(1))
                .duration(Duration.ofSeconds(60))
                .build();

        PhaseResult result = simulation.run(Peers.random(), 8).last();

        assertThat(result.requests()).isEqualTo(60);
        assertThat(result.failedShare()).isEqualTo(1);
        assertThat(result.percentileMillis(100)).isCloseTo(1000, within(1.0));
    }

    @Test
    void refusingPod_staysAnnounced_andAnswersWhatItHasBegun() {
        Duration at = Duration.ofSeconds(10);
        Duration until = Duration.ofSeconds(20);
        Simulation simulation = Simulation.builder()
                .pods(3, PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100))))
                .pod(PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100))).withFault(Fault.refusing(at, until)))
                .clients(ClientGroup.openLoop(5, 1000))
                .duration(Duration.ofSeconds(30))
                .phaseFrom(at)
                .phaseFrom(until)
                .build();

        SimulationResult result = simulation.run(Peers.roundRobin(), 9);

        assertThat(result.phase(0).failed()).isZero();
        assertThat(result.phase(1).failedShare()).isCloseTo(0.25, within(0.01));
        assertThat(result.phase(2).failed()).isZero();
    }

    @Test
    void killedPod_losesItsRequests_andComesBackAsANewOne() {
        Duration at = Duration.ofSeconds(10);
        Duration until = Duration.ofSeconds(20);
        Simulation simulation = Simulation.builder()
                .pods(3, PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100))))
                .pod(PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100))).withFault(Fault.killed(at, until)))
                .clients(ClientGroup.openLoop(5, 1000))
                .duration(Duration.ofSeconds(30))
                .discoveryDelay(Duration.ofMillis(50))
                .phaseFrom(at)
                .phaseFrom(at.plusMillis(50))
                .phaseFrom(until.plusMillis(50))
                .build();

        SimulationResult result = simulation.run(Peers.roundRobin(), 9);

        assertThat(result.phase(0).failed()).isBetween(10L, 45L); // a quarter of 100 in flight
        assertThat(result.phase(1).failedShare()).isCloseTo(0.25, within(0.15)); // refused
        assertThat(result.phase(2).podRequests(3)).isZero();
        assertThat(result.phase(3).podRequests(3)).isGreaterThan(2000);
        assertThat(result.phase(3).failed()).isZero();
    }

    @Test
    void podThatIsNotReady_getsNothing() {
        Simulation simulation = Simulation.builder()
                .pods(3, PodSpec.of(ServiceTime.fixed(SERVICE)))
                .pod(PodSpec.of(ServiceTime.fixed(SERVICE)).withFault(Fault.notReady(Duration.ZERO, Fault.FOR_EVER)))
                .clients(ClientGroup.openLoop(1, 100))
                .build();

        assertThat(simulation.run(P2C, 10).last().podRequests(3)).isZero();
        assertThat(simulation.run(Peers.pinned(16), 10).last().podRequests(3)).isZero();
    }

    @Test
    void serviceWithoutReadyPod_failsEveryRequest() {
        Simulation simulation = Simulation.builder()
                .pod(PodSpec.of(ServiceTime.fixed(SERVICE)).withFault(Fault.notReady(Duration.ZERO, Fault.FOR_EVER)))
                .clients(ClientGroup.closedLoop(1, 1))
                .build();

        PhaseResult result = simulation.run(P2C, 11).last();

        assertThat(result.requests()).isGreaterThan(1000);
        assertThat(result.failedShare()).isEqualTo(1);
    }

    @Test
    void rateChange_changesTheNumberOfArrivals() {
        Simulation simulation = Simulation.builder()
                .pod(PodSpec.of(ServiceTime.fixed(SERVICE)))
                .clients(ClientGroup.openLoop(3, 1000)
                        .withRateFrom(Duration.ofSeconds(20), 2)
                        .withRateFrom(Duration.ofSeconds(40), 0))
                .phaseFrom(Duration.ofSeconds(20))
                .phaseFrom(Duration.ofSeconds(40))
                .build();

        SimulationResult result = simulation.run(Peers.random(), 12);

        assertThat((double) result.phase(0).requests()).isCloseTo(20_000, withPercentage(5));
        assertThat((double) result.phase(1).requests()).isCloseTo(40_000, withPercentage(5));
        assertThat(result.phase(2).requests()).isZero();
    }

    @Test
    void simulationWithoutPods_isRefused() {
        assertThatThrownBy(() ->
                        Simulation.builder().clients(ClientGroup.openLoop(1, 1)).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pods: 0");
    }

    private static Simulation.Builder smallSimulation() {
        return Simulation.builder()
                .pods(3, PodSpec.of(ServiceTime.logNormal(SERVICE, 0.6)).withConcurrency(4))
                .clients(ClientGroup.openLoop(7, 600))
                .duration(Duration.ofSeconds(20));
    }

    /** The mean response time of an M/M/c queue in milliseconds, by Erlang's C formula. */
    private static double mmcMean(int workers, double load) {
        double term = 1;
        double sum = 1;
        for (int i = 1; i < workers; i++) {
            term *= load / i;
            sum += term;
        }
        double all = term * load / workers * workers / (workers - load);
        double waits = all / (sum + all);
        return 10 * (1 + waits / (workers - load));
    }
}
