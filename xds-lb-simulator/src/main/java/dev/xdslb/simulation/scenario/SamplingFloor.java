/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import java.time.Duration;
import java.util.List;

/**
 * Several pods are far too slow (S4). Who compares d different pods drawn at random still sends {@code C(slow, d) /
 * C(pods, d)} of the requests there, because sometimes all of the drawn ones are slow.
 *
 * @param pods the number of pods
 * @param slow how many of them are slow
 * @param seeds the number of runs whose mean counts
 */
public record SamplingFloor(int pods, int slow, int seeds) implements Scenario {
    private static final double REQUESTS_PER_POD = 20;

    @Override
    public String name() {
        return "sampling-floor-" + pods + '-' + slow;
    }

    @Override
    public String description() {
        return slow + " of " + pods
                + " pods take 5 s, the others 10 ms; which share goes to the slow ones, against the "
                + "floor of two different draws, " + Math.round(floor(2) * 1000) / 10.0 + "%";
    }

    /**
     * Returns the share of the requests that meet slow pods only.
     *
     * @param draws the number of different pods that are compared
     */
    public double floor(int draws) {
        double floor = 1;
        for (int i = 0; i < draws; i++) {
            floor *= Math.max(0, slow - i) / (double) (pods - i);
        }
        return floor;
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Simulation simulation = Simulation.builder()
                .pods(slow, PodSpec.of(ServiceTime.fixed(Duration.ofSeconds(5))))
                .pods(pods - slow, PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(10), 0.6)))
                .clients(ClientGroup.openLoop(1, REQUESTS_PER_POD * pods))
                .phaseFrom(Duration.ofSeconds(10))
                .duration(Duration.ofSeconds(60))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(Row.percent(this, system, "slow-share", results.mean(this::slowShare)));
    }

    private double slowShare(SimulationResult result) {
        long toSlow = 0;
        for (int pod = 0; pod < slow; pod++) {
            toSlow += result.last().podRequests(pod);
        }
        return toSlow / (double) result.last().requests();
    }
}
