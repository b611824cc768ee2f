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
 * New pods are to get a part of what old ones get (S5), with so few requests that most pods are idle, or with many in flight
 * everywhere. Measured with the ramp held still: as the pods' weight, or as their age within a slow start that takes
 * {@link #HELD_WINDOW}.
 *
 * @param concurrency how busy the pods are
 * @param ramp the part of an old pod's share that a new pod is to get, in tenths: 1 to 10
 * @param by what tells the balancer
 * @param seeds the number of runs whose mean counts
 */
public record SlowStart(Concurrency concurrency, int ramp, RampBy by, int seeds) implements Scenario {
    /** A slow start so long that nothing changes during the simulation: set it where {@link RampBy#AGE} is used. */
    public static final Duration HELD_WINDOW = Duration.ofHours(100);

    private static final int FULL = 10;

    /** How busy the pods are. */
    public enum Concurrency {
        /** 130 old and 2 new pods, 100 requests per second of 50 ms: one request in flight for 26 pods. */
        LOW(130, 2, 100, Duration.ofMillis(50), Duration.ofHours(2)),
        /** 10 old pods and a new one, 2,000 requests per second of 100 ms: 18 in flight per pod. */
        HIGH(10, 1, 2000, Duration.ofMillis(100), Duration.ofMinutes(2));

        private final int oldPods;
        private final int newPods;
        private final double requestsPerSecond;
        private final Duration serviceTime;
        private final Duration duration;

        Concurrency(int oldPods, int newPods, double requestsPerSecond, Duration serviceTime, Duration duration) {
            this.oldPods = oldPods;
            this.newPods = newPods;
            this.requestsPerSecond = requestsPerSecond;
            this.serviceTime = serviceTime;
            this.duration = duration;
        }
    }

    /** What tells the balancer how much a new pod is to get. */
    public enum RampBy {
        /** The announced weight: {@code ramp} against 10. */
        WEIGHT,
        /** The time since when the pod is ready: {@code ramp} tenths of {@link #HELD_WINDOW}. */
        AGE
    }

    @Override
    public String name() {
        return "slow-start-" + (concurrency == Concurrency.LOW ? "low" : "high") + "-0." + ramp
                + (by == RampBy.AGE ? "-by-age" : "");
    }

    @Override
    public String description() {
        return concurrency.oldPods + " old and " + concurrency.newPods + " new pod(s) of which each is to get "
                + ramp / 10.0 + " of an old one's share; " + concurrency.requestsPerSecond + " requests/s";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec old =
                PodSpec.of(ServiceTime.logNormal(concurrency.serviceTime, 0.3)).readyFor(HELD_WINDOW.multipliedBy(2));
        PodSpec young;
        if (by == RampBy.AGE) {
            young = old.readyFor(HELD_WINDOW.multipliedBy(ramp).dividedBy(FULL));
        } else {
            young = old.withWeight(ramp);
            old = old.withWeight(FULL);
        }
        Simulation simulation = Simulation.builder()
                .pods(concurrency.oldPods, old)
                .pods(concurrency.newPods, young)
                .clients(ClientGroup.openLoop(1, concurrency.requestsPerSecond))
                .phaseFrom(Duration.ofSeconds(10))
                .duration(concurrency.duration)
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        double share = results.mean(this::shareOfOld);
        return List.of(
                Row.ratio(this, system, "share-of-fair", share),
                Row.ratio(this, system, "share-over-ramp", share * FULL / ramp));
    }

    private double shareOfOld(SimulationResult result) {
        PhaseResult phase = result.last();
        double toOld = 0;
        double toNew = 0;
        for (int pod = 0; pod < concurrency.oldPods + concurrency.newPods; pod++) {
            if (pod < concurrency.oldPods) {
                toOld += phase.podRequests(pod);
            } else {
                toNew += phase.podRequests(pod);
            }
        }
        return (toNew / concurrency.newPods) / (toOld / concurrency.oldPods);
    }
}
