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
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The load rises from three quarters of what the pods were given to almost twice as much, and only those pods can take more
 * whose machine has something left: the situation of Prequal (B. Wydrowski and others, "Load is not what you should
 * balance", NSDI 2024). Here 30 of 100 pods have exactly what they were given and 70 can work 2.2 times as fast; requests
 * take a normally distributed time with a standard deviation as large as its mean, and are given up after 5 seconds.
 *
 * @param load the load as a part of what all pods together were given, such as 0.75 or 1.74
 */
public record LoadLevel(double load) implements Scenario {
    private static final int CLIENTS = 100;
    private static final int CONSTRAINED = 30;
    private static final int WITH_SPARE = 70;
    private static final double SPARE_SPEED = 2.2;
    private static final int WORKERS = 4;
    private static final Duration WORK = Duration.ofMillis(75);

    /** Cutting the negative times off lengthens the mean of a normal distribution with equal mean and deviation so much. */
    private static final double CUT_MEAN = 1.0833;

    @Override
    public String name() {
        return String.format(Locale.ROOT, "load-level-%.2f", load);
    }

    @Override
    public String description() {
        return "100 clients send " + load
                + " of what 100 pods were given; 70 of the pods can work 2.2 times as fast, 30 "
                + "cannot; time-out 5 s";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.normal(WORK, WORK)).withConcurrency(WORKERS);
        double given = (CONSTRAINED + WITH_SPARE) * WORKERS / (WORK.toNanos() / 1e9 * CUT_MEAN);
        Simulation simulation = Simulation.builder()
                .pods(CONSTRAINED, pod)
                .pods(WITH_SPARE, pod.withSpeed(SPARE_SPEED))
                .clients(ClientGroup.openLoop(CLIENTS, load * given))
                .timeout(Duration.ofSeconds(5))
                .phaseFrom(Duration.ofSeconds(15))
                .duration(Duration.ofSeconds(45))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, 1);
        return List.of(
                Row.millis(this, system, "p50", results.mean(r -> r.last().percentileMillis(50))),
                Row.millis(this, system, "p99", results.mean(r -> r.last().percentileMillis(99))),
                Row.millis(this, system, "p99.9", results.mean(r -> r.last().percentileMillis(99.9))),
                Row.percent(this, system, "failed", results.mean(r -> r.last().failedShare())));
    }
}
