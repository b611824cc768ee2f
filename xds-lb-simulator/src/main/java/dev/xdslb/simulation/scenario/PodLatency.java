/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.PodSpec.WarmUp;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * One of ten pods behaves otherwise for a while, 1,250 requests per second, 45 seconds: the cases of Finagle's balancer
 * simulation, with its response times.
 *
 * @param kind what the pod does
 */
public record PodLatency(Kind kind) implements Scenario {
    private static final double REQUESTS_PER_SECOND = 1250;
    private static final int PODS = 10;

    /** What the pod does. */
    public enum Kind {
        /** It is as the others. */
        EVEN("nothing"),
        /** It joins cold, five times as slow, is warm after 10 s, and is slow again in seconds 19 to 23. */
        COLD_START("starts 5 times as slow, is warm after 10 s, and 10 times as slow from second 19 to 23"),
        /** It is ten times as slow in seconds 15 to 45. */
        SLOW_MIDDLE("is 10 times as slow from second 15 on"),
        /** It fails everything in seconds 10 to 25. */
        FAILURE("fails everything from second 10 to 25"),
        /** It is killed at second 10 and does not come back; clients learn of it a second later. */
        GONE("is killed at second 10");

        private final String what;

        Kind(String what) {
            this.what = what;
        }
    }

    @Override
    public String name() {
        return "pod-" + kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    @Override
    public String description() {
        return "1 of " + PODS + " pods: " + kind.what + "; 1,250 requests/s from 1 client for 45 s";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(SlowPod.FINAGLE_LATENCIES);
        Simulation simulation = Simulation.builder()
                .pod(otherwise(pod))
                .pods(PODS - 1, pod)
                .clients(ClientGroup.openLoop(1, REQUESTS_PER_SECOND))
                .discoveryDelay(Duration.ofSeconds(1))
                .duration(Duration.ofSeconds(45))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, 3);
        return List.of(
                Row.millis(this, system, "p50", results.mean(r -> r.last().percentileMillis(50))),
                Row.millis(this, system, "p99", results.mean(r -> r.last().percentileMillis(99))),
                Row.millis(this, system, "p99.9", results.mean(r -> r.last().percentileMillis(99.9))),
                Row.percent(this, system, "failed", results.mean(r -> r.last().failedShare())),
                Row.ratio(
                        this,
                        system,
                        "max-over-mean",
                        results.mean(r -> r.last().maxOverMean())));
    }

    private PodSpec otherwise(PodSpec pod) {
        return switch (kind) {
            case EVEN -> pod;
            case COLD_START ->
                pod.withWarmUp(new WarmUp(5, Duration.ofSeconds(10)))
                        .withFault(Fault.slow(Duration.ofSeconds(19), Duration.ofSeconds(23), 10));
            case SLOW_MIDDLE -> pod.withFault(Fault.slow(Duration.ofSeconds(15), Fault.FOR_EVER, 10));
            case FAILURE ->
                pod.withFault(Fault.failing(Duration.ofSeconds(10), Duration.ofSeconds(25), 1, Duration.ofMillis(1)));
            case GONE -> pod.withFault(Fault.killed(Duration.ofSeconds(10), Fault.FOR_EVER));
        };
    }
}
