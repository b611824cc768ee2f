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
import dev.xdslb.simulation.SimulationResult;
import java.time.Duration;
import java.util.List;

/**
 * A client starts while one of eleven pods is halfway through its slow start of 30 seconds: the ramp belongs to the pod and
 * goes on. Who counts from when the client first saw the pod begins again, and does so for all pods.
 *
 * @param seeds the number of runs whose mean counts
 */
public record RestartedClient(int seeds) implements Scenario {
    private static final int OLD_PODS = 10;
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final Duration AGE = Duration.ofSeconds(15);
    private static final Duration MEASURED = Duration.ofSeconds(5);

    @Override
    public String name() {
        return "restarted-client";
    }

    @Override
    public String description() {
        return "a client starts 15 s after 1 of 11 pods has become ready; what this pod gets within the next 5 s against the "
                + "mean of a ramp of 30 s in that time, 58%; 2,000 requests/s of 100 ms";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(100), 0.3));
        Simulation simulation = Simulation.builder()
                .pods(OLD_PODS, pod)
                .pod(pod.readyFor(AGE))
                .clients(ClientGroup.openLoop(1, 2000))
                .duration(MEASURED)
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        double share = results.mean(RestartedClient::shareOfOld);
        double ramp = (AGE.toMillis() + MEASURED.toMillis() / 2.0) / WINDOW.toMillis();
        return List.of(
                Row.ratio(this, system, "share-of-fair", share),
                Row.ratio(this, system, "share-over-ramp", share / ramp));
    }

    private static double shareOfOld(SimulationResult result) {
        PhaseResult phase = result.last();
        long toNew = phase.podRequests(OLD_PODS);
        return toNew * (double) OLD_PODS / (phase.requests() - toNew);
    }
}
