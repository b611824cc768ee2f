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
import java.util.List;

/**
 * Pods that refuse requests in a millisecond where the others need a hundred: who looks at requests in flight or at response
 * times takes them for the best. One of them refuses all, or all of them a part alike, as with a quota, which is no reason to
 * prefer any.
 *
 * @param pods how many there are
 * @param all whether all refuse {@value #ALIKE} of their requests, and not the first one all of its
 * @param clients the number of clients: 1 with 1,000 requests per second, or many with 1 each
 * @param seeds the number of runs whose mean counts
 */
public record FastRefusals(int pods, boolean all, int clients, int seeds) implements Scenario {
    private static final double ALIKE = 0.3;
    private static final Duration TIME = Duration.ofMillis(1);
    private static final int WARM_UP_SECONDS = 20;
    private static final int RECOVERY_SECONDS = 120;
    /** The part of a fair share at which the pod counts as back. */
    private static final double RECOVERED = 0.8;

    /** One pod refuses everything. */
    public static FastRefusals oneOf(int pods, int clients) {
        return new FastRefusals(pods, false, clients, 5);
    }

    /** Ten pods refuse alike. */
    public static FastRefusals all(int clients) {
        return new FastRefusals(10, true, clients, 2);
    }

    @Override
    public String name() {
        return (all ? "all-refuse" : "fast-refusals-1-of-" + pods) + Names.clients(clients);
    }

    @Override
    public String description() {
        return (all ? "all of " + pods + " pods refuse 30%" : "1 of " + pods + " pods refuses 100%")
                + " of its requests in 1 ms, the others take 100 ms; " + (int) requestsPerSecond() + " requests/s from "
                + clients + " client(s), " + faultSeconds() + " s";
    }

    /** Long enough for 10,000 requests and more, so that a percent is no chance. */
    private int faultSeconds() {
        return clients == 1 ? 60 : all ? 1_800 : 600;
    }

    private double requestsPerSecond() {
        return clients == 1 ? 1_000 : clients;
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Duration until = Duration.ofSeconds(WARM_UP_SECONDS + faultSeconds());
        Fault fault = Fault.shedding(Duration.ofSeconds(WARM_UP_SECONDS), until, all ? ALIKE : 1, TIME);
        PodSpec pod = PodSpec.of(ServiceTime.fixed(Duration.ofMillis(100)));
        Simulation.Builder builder = Simulation.builder()
                .pod(pod.withFault(fault))
                .pods(pods - 1, all ? pod.withFault(fault) : pod)
                .clients(ClientGroup.openLoop(clients, requestsPerSecond()))
                .phaseFrom(Duration.ofSeconds(WARM_UP_SECONDS))
                .duration(until.plusSeconds(RECOVERY_SECONDS));
        int step = clients == 1 ? 1 : 10; // of few requests a second, one second says nothing
        for (int second = 0; second < RECOVERY_SECONDS; second += step) {
            builder.phaseFrom(until.plusSeconds(second));
        }
        Seeds results = Seeds.run(builder.build(), system, firstSeed, seeds);
        if (all) {
            return List.of(
                    Row.ratio(this, system, "max-over-mean", results.mean(r -> extreme(r.phase(1), 1))),
                    Row.ratio(this, system, "min-over-mean", results.mean(r -> extreme(r.phase(1), -1))));
        }
        return List.of(
                Row.percent(
                        this,
                        system,
                        "share-of-requests",
                        results.mean(r ->
                                r.phase(1).podRequests(0) / (double) r.phase(1).requests())),
                Row.of(this, system, "recovery", "s", results.mean(r -> recoverySeconds(r, step))));
    }

    /** Returns the most, or with -1 the least, that a pod got against the mean. */
    private double extreme(PhaseResult phase, int sign) {
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < pods; i++) {
            most = Math.max(most, sign * (double) phase.podRequests(i));
        }
        return sign * most * pods / phase.requests();
    }

    private double recoverySeconds(SimulationResult result, int step) {
        for (int second = 0; second < RECOVERY_SECONDS; second += step) {
            PhaseResult phase = result.phase(2 + second / step);
            if (phase.podRequests(0) >= RECOVERED * phase.requests() / pods) {
                return second + step;
            }
        }
        return RECOVERY_SECONDS;
    }
}
