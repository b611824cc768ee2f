/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PhaseResult;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One of four pods is slower for a minute, while one client sends one request after the other: nothing is ever in flight
 * when it picks, so that all it has to go by is what it remembers.
 *
 * @param name the scenario's name
 * @param factor how many times longer the pod takes
 * @param seeds the number of runs whose mean counts
 */
public record OneSlowerPod(String name, double factor, int seeds) implements Scenario {
    private static final int PODS = 4;
    private static final Duration TIME = Duration.ofMillis(10);
    private static final int FROM = 20;
    private static final int UNTIL = 80;
    private static final int END = 120;
    private static final int SLICE = 10;

    /** The share of its share from which on the pod counts as recovered. */
    private static final double RECOVERED = 0.8;

    @Override
    public String description() {
        return "1 of " + PODS + " pods of 10 ms takes " + factor
                + " times as long for a minute; one request after the other; "
                + "the least that it is tried in ten seconds, and when it has 80% of its share again";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(
                ServiceTime.logNormal(TIME, EvenShares.SIGMA).withSpikes(EvenShares.SPIKES, EvenShares.SPIKE));
        Fault fault = Fault.slow(Duration.ofSeconds(FROM), Duration.ofSeconds(UNTIL), factor);
        Simulation.Builder builder = Simulation.builder()
                .pod(pod.withFault(fault))
                .pods(PODS - 1, pod)
                .clients(ClientGroup.closedLoop(1, 1).startingCold(EvenShares.COLD_START))
                .duration(Duration.ofSeconds(END));
        for (int second = 1; second < END; second++) {
            builder.phaseFrom(Duration.ofSeconds(second));
        }
        Seeds results = Seeds.run(builder.build(), system, firstSeed, seeds);
        return List.of(
                Row.ratio(this, system, "share-of-fair", results.mean(r -> share(r, FROM, UNTIL))),
                Row.of(this, system, "least-in-10s", "requests", results.mean(OneSlowerPod::leastInASlice)),
                Row.of(this, system, "recovery", "s", results.mean(OneSlowerPod::recovery)));
    }

    private static double share(SimulationResult result, int from, int until) {
        long requests = 0;
        for (int second = from; second < until; second++) {
            requests += result.phase(second).requests();
        }
        return requests(result, from, until) * PODS / (double) requests;
    }

    private static long requests(SimulationResult result, int from, int until) {
        long toPod = 0;
        for (int second = from; second < until; second++) {
            toPod += result.phase(second).podRequests(0);
        }
        return toPod;
    }

    private static double leastInASlice(SimulationResult result) {
        List<Long> slices = new ArrayList<>();
        for (int second = FROM; second + SLICE <= UNTIL; second++) {
            slices.add(requests(result, second, second + SLICE));
        }
        return slices.stream().mapToLong(Long::longValue).min().orElseThrow();
    }

    private static double recovery(SimulationResult result) {
        int second = UNTIL;
        while (second < END && isBelowItsShare(result.phase(second))) {
            second++;
        }
        return second - UNTIL;
    }

    private static boolean isBelowItsShare(PhaseResult phase) {
        return phase.podRequests(0) * PODS < RECOVERED * phase.requests();
    }
}
