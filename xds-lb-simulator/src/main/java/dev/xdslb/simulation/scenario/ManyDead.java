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
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * Many of the announced pods are dead for ten minutes, and a client of few requests has to live with it: who tries each dead pod
 * now and then, sends nothing else; who waits until each has failed several times in a row, never learns of them.
 *
 * @param dead the number of dead pods
 * @param pods the number of pods, the dead ones included
 * @param way how they are dead
 * @param requestsPerSecond of one client
 * @param seeds the number of runs that are taken together
 */
public record ManyDead(int dead, int pods, Way way, int requestsPerSecond, int seeds) implements Scenario {
    private static final Duration LEARNING = Duration.ofSeconds(60);
    private static final Duration OUTAGE = Duration.ofMinutes(10);
    /** The time in which the requests after the outage are counted together. */
    private static final int STEP_SECONDS = 20;
    /** The part of their share at which the pods count as back. */
    private static final double RECOVERED = 0.8;
    /** The share of the requests that probes may take. */
    private static final double PROBE_BUDGET = 0.02;

    private static final int SECONDS_TO_BE_BACK = 60;

    /** How pods are dead. */
    public enum Way {
        /** They refuse connections. */
        REFUSING,
        /** They answer with an error within a millisecond. */
        FAILING
    }

    @Override
    public String name() {
        return "many-dead-" + dead + "-of-" + pods + '-' + way.name().toLowerCase(Locale.ROOT) + '-'
                + requestsPerSecond;
    }

    @Override
    public String description() {
        return dead + " of " + pods + " pods "
                + (way == Way.REFUSING ? "refuse connections" : "answer with an error in 1 ms")
                + " for ten minutes; one client, " + requestsPerSecond
                + " requests/s; failed from the second minute on; "
                + "recovery is when they have 80% of their share again";
    }

    /** Returns after how many seconds they are to be back: at once where that can be seen, else when each was probed. */
    public int maxRecoverySeconds() {
        double probes = way == Way.REFUSING ? 0 : dead / (PROBE_BUDGET * requestsPerSecond);
        return (int) Math.round(probes) + SECONDS_TO_BE_BACK;
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.3));
        Fault fault = way == Way.REFUSING
                ? Fault.refusing(Duration.ZERO, OUTAGE)
                : Fault.failing(Duration.ZERO, OUTAGE, 1, Duration.ofMillis(1));
        Simulation.Builder builder = Simulation.builder()
                .pods(dead, pod.withFault(fault))
                .pods(pods - dead, pod)
                .clients(ClientGroup.openLoop(1, requestsPerSecond))
                .phaseFrom(LEARNING);
        int steps = maxRecoverySeconds() / STEP_SECONDS + 1;
        for (int step = 0; step < steps; step++) {
            builder.phaseFrom(OUTAGE.plusSeconds((long) step * STEP_SECONDS));
        }
        Simulation simulation = builder.duration(OUTAGE.plusSeconds((long) steps * STEP_SECONDS))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(
                Row.percent(this, system, "failed", results.mean(r -> r.phase(1).failedShare())),
                Row.of(this, system, "recovery", "s", recoverySeconds(results, steps)));
    }

    /** Returns when the pods had their share, or the whole time after the outage where they never had. */
    private double recoverySeconds(Seeds results, int steps) {
        for (int step = 1; step <= steps; step++) {
            int phase = step + 1;
            double toThem = results.mean(r -> toDead(r.phase(phase)));
            double all = results.mean(r -> r.phase(phase).requests());
            if (toThem >= RECOVERED * all * dead / pods) {
                return step * (double) STEP_SECONDS;
            }
        }
        return steps * (double) STEP_SECONDS;
    }

    private double toDead(PhaseResult phase) {
        double requests = 0;
        for (int pod = 0; pod < dead; pod++) {
            requests += phase.podRequests(pod);
        }
        return requests;
    }
}
