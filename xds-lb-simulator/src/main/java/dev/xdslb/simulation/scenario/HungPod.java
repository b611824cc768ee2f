/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import java.time.Duration;
import java.util.List;

/**
 * One pod answers nothing any more, and a fixed number of workers waits for it (S3): grpc-java issue 12237.
 *
 * @param pods the number of pods, the hung one included
 * @param seeds the number of runs whose mean counts
 */
public record HungPod(int pods, int seeds) implements Scenario {
    private static final int WORKERS = 200;
    private static final Duration HANGS_AT = Duration.ofSeconds(10);
    /** The time that workers need to run into the pod. */
    private static final Duration SETTLING = Duration.ofSeconds(4);

    private static final Duration TIMEOUT = Duration.ofSeconds(30);

    @Override
    public String name() {
        return "hung-pod-" + pods;
    }

    @Override
    public String description() {
        return "1 of " + pods + " pods hangs; " + WORKERS
                + " workers of one client, time-out 30 s; the throughput from "
                + "4 to 30 s after it, against the one before";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(50), 0.3));
        Simulation simulation = Simulation.builder()
                .pod(pod.withFault(Fault.hung(HANGS_AT, Fault.FOR_EVER)))
                .pods(pods - 1, pod)
                .clients(ClientGroup.closedLoop(1, WORKERS))
                .timeout(TIMEOUT)
                .phaseFrom(SETTLING)
                .phaseFrom(HANGS_AT)
                .phaseFrom(HANGS_AT.plus(SETTLING))
                .duration(HANGS_AT.plus(TIMEOUT))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        double kept = results.mean(r -> r.phase(3).throughput() / r.phase(1).throughput());
        return List.of(Row.percent(this, system, "throughput-kept", kept));
    }
}
