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
import dev.xdslb.simulation.SimulationResult;
import java.time.Duration;
import java.util.List;

/**
 * One pod of ten answers with an error after a millisecond where the others need a hundred (S2): who counts requests in
 * flight or response times only, sends it the most.
 *
 * @param clients the number of clients that share 1,000 requests per second
 * @param share the share of the pod's requests that fail
 * @param seeds the number of runs whose mean counts
 */
public record FailingPod(int clients, double share, int seeds) implements Scenario {
    private static final int PODS = 10;
    private static final int FAULT_SECONDS = 60;
    private static final int RECOVERY_SECONDS = 60;
    /** The part of a fair share at which the pod counts as back. */
    private static final double RECOVERED = 0.8;

    @Override
    public String name() {
        return "failing-pod" + (share < 1 ? '-' + Names.percent(share) : "") + Names.clients(clients);
    }

    @Override
    public String description() {
        return "1 of 10 pods fails " + share * 100 + "% of its requests in 1 ms for 60 s, the others take 100 ms; "
                + "1,000 requests/s from " + clients + " client(s); recovery is when it has 80% of its share again";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Fault fault = Fault.failing(Duration.ZERO, Duration.ofSeconds(FAULT_SECONDS), share, Duration.ofMillis(1));
        PodSpec pod = PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100)));
        Simulation.Builder builder = Simulation.builder()
                .pod(pod.withFault(fault))
                .pods(PODS - 1, pod)
                .clients(ClientGroup.openLoop(clients, 1000))
                .duration(Duration.ofSeconds(FAULT_SECONDS + RECOVERY_SECONDS));
        for (int second = 0; second < RECOVERY_SECONDS; second++) {
            builder.phaseFrom(Duration.ofSeconds(FAULT_SECONDS + second));
        }
        Seeds results = Seeds.run(builder.build(), system, firstSeed, seeds);
        return List.of(
                Row.percent(this, system, "failed", results.mean(r -> r.phase(0).failedShare())),
                Row.of(this, system, "recovery", "s", results.mean(FailingPod::recoverySeconds)));
    }

    /** Returns in which second after the fault the pod had its share again, or all of them where it had not. */
    private static double recoverySeconds(SimulationResult result) {
        for (int second = 1; second <= RECOVERY_SECONDS; second++) {
            double fair = result.phase(second).requests() / (double) PODS;
            if (result.phase(second).podRequests(0) >= RECOVERED * fair) {
                return second;
            }
        }
        return RECOVERY_SECONDS;
    }
}
