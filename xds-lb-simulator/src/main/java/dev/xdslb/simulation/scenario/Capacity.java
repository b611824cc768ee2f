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
import dev.xdslb.simulation.peer.Peers;
import java.time.Duration;
import java.util.List;

/**
 * How many pods it takes to answer 99% of the requests within 100 ms: what balancing is worth in money. Pods have 8 workers
 * and log-normal service times of mean 20 ms and sigma 0.6; where some are slow, every fifth works at half speed.
 *
 * @param requestsPerSecond of all clients together
 * @param clients the number of clients
 * @param slowPods whether every fifth pod works at half speed
 */
public record Capacity(int requestsPerSecond, int clients, boolean slowPods) implements Scenario {
    /** What all systems are held to. */
    public static final double P99_MILLIS = 100;

    private static final int WORKERS = 8;
    private static final Duration SERVICE_TIME = Duration.ofMillis(20);
    private static final double SIGMA = 0.6;
    private static final int SLOW_EVERY = 5;
    private static final double SLOW_SPEED = 0.5;

    /** No more pods than this many times the number without which there is no work for the rest are tried. */
    private static final int LIMIT_FACTOR = 16;

    /** Requests per run: enough for a percentile of 99. */
    private static final double REQUESTS = 60_000;

    /** Runs per number of pods, the middle one of which counts: to which pods a connection is pinned is luck. */
    private static final int SEEDS = 5;

    private static final Duration MIN_DURATION = Duration.ofSeconds(8);
    private static final Duration WARM = Duration.ofSeconds(4);

    @Override
    public String name() {
        return "capacity-" + requestsPerSecond + '-' + clients + "-clients" + (slowPods ? "-slow-pods" : "");
    }

    @Override
    public String description() {
        return "the smallest number of pods with which " + requestsPerSecond + " requests/s from " + clients
                + " clients have a p99 of at most 100 ms" + (slowPods ? ", every fifth pod at half speed" : "")
                + "; at most " + limit() + " are tried";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        int tooFew = leastPods() - 1; // would be busy for ever
        int enough = leastPods();
        int step = 1;
        while (enough < limit() && !holds(system, enough, firstSeed)) {
            tooFew = enough;
            enough = Math.min(limit(), enough + step);
            step *= 2;
        }
        while (enough - tooFew > 1) {
            int middle = (enough + tooFew) / 2;
            if (holds(system, middle, firstSeed)) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return List.of(
                Row.of(this, system, "pods-needed", "pods", enough),
                Row.percent(this, system, "utilisation", load() / workers(enough)));
    }

    @Override
    public List<SimulatedSystem> peers() {
        return List.of(
                SimulatedSystem.centralQueue(),
                Peers.roundRobin(),
                Peers.random(),
                Peers.p2cWithReplacement(),
                Peers.p2cDistinct(),
                Peers.p2cPeakEwma(),
                Peers.pinned(1),
                Peers.pinned(4),
                Peers.pinned(16));
    }

    /** Returns the response time that 99% of the requests do not exceed, in milliseconds. */
    public double p99Millis(SimulatedSystem system, int pods) {
        return p99Millis(system, pods, FIRST_SEED);
    }

    private double p99Millis(SimulatedSystem system, int pods, long firstSeed) {
        return Seeds.run(simulation(pods), system, firstSeed, SEEDS)
                .median(r -> r.last().percentileMillis(99));
    }

    private boolean holds(SimulatedSystem system, int pods, long firstSeed) {
        return p99Millis(system, pods, firstSeed) <= P99_MILLIS;
    }

    private Simulation simulation(int pods) {
        Duration measured = Duration.ofNanos((long) (REQUESTS / requestsPerSecond * 1e9));
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(SERVICE_TIME, SIGMA)).withConcurrency(WORKERS);
        Simulation.Builder builder = Simulation.builder()
                .clients(ClientGroup.openLoop(clients, requestsPerSecond))
                .phaseFrom(WARM)
                .drain(Duration.ofSeconds(1))
                .duration(WARM.plus(measured.compareTo(MIN_DURATION) < 0 ? MIN_DURATION : measured));
        for (int i = 0; i < pods; i++) {
            builder.pod(isSlow(i) ? pod.withSpeed(SLOW_SPEED) : pod);
        }
        return builder.build();
    }

    private boolean isSlow(int pod) {
        return slowPods && pod % SLOW_EVERY == 0;
    }

    private int leastPods() {
        int pods = 1;
        while (workers(pods) <= load()) {
            pods++;
        }
        return pods;
    }

    private int limit() {
        return leastPods() * LIMIT_FACTOR;
    }

    /** Returns how many workers of full speed this many pods have. */
    private double workers(int pods) {
        double workers = 0;
        for (int i = 0; i < pods; i++) {
            workers += WORKERS * (isSlow(i) ? SLOW_SPEED : 1);
        }
        return workers;
    }

    /** Returns how many workers of full speed are busy on average. */
    private double load() {
        return requestsPerSecond * SERVICE_TIME.toNanos() / 1e9;
    }
}
