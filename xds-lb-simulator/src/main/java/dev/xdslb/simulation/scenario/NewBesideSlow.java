/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.PhaseResult;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import java.time.Duration;
import java.util.List;

/**
 * Two pods join a fast and a very slow one. What is unknown must not be taken for as slow as the mean, which the slow one
 * owns. The new pods have long been ready: no slow start explains what they get.
 *
 * @param requestsPerSecond of the one client
 * @param seeds the number of runs whose mean counts
 */
public record NewBesideSlow(int requestsPerSecond, int seeds) implements Scenario {
    private static final int USUAL_RATE = 100;
    private static final int FAST = 0;
    private static final int FIRST_NEW = 2;
    private static final int SECOND_NEW = 3;
    private static final Duration JOIN = Duration.ofSeconds(30);
    private static final Duration KNOWN = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "new-beside-slow" + (requestsPerSecond == USUAL_RATE ? "" : "-" + requestsPerSecond);
    }

    @Override
    public String description() {
        return "two pods of 5 ms join one of 5 ms and one of 800 ms; " + requestsPerSecond
                + " requests/s; what the lesser of the new ones gets, from 5 s after that on, against the old one of 5 ms";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(5), EvenShares.SIGMA));
        PodSpec slow = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(800), EvenShares.SIGMA));
        PodSpec young = pod.joiningAt(JOIN).readyFor(PodSpec.LONG_READY);
        Simulation simulation = Simulation.builder()
                .pod(pod)
                .pod(slow)
                .pods(2, young)
                .clients(ClientGroup.openLoop(1, requestsPerSecond))
                .phaseFrom(JOIN)
                .phaseFrom(JOIN.plus(KNOWN))
                .duration(JOIN.plus(KNOWN).plusSeconds(25))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(Row.ratio(this, system, "share-of-fair", results.mean(r -> shareOfOld(r.last()))));
    }

    private static double shareOfOld(PhaseResult phase) {
        return Math.min(phase.podRequests(FIRST_NEW), phase.podRequests(SECOND_NEW))
                / (double) Math.max(1, phase.podRequests(FAST));
    }
}
