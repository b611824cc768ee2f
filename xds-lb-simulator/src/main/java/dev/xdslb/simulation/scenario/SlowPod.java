/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.ClientGroup;
import dev.xdslb.simulation.Fault;
import dev.xdslb.simulation.PodSpec;
import dev.xdslb.simulation.ServiceTime;
import dev.xdslb.simulation.ServiceTime.Quantile;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import java.time.Duration;
import java.util.List;

/**
 * One pod of eleven takes two seconds for every request for half a minute (S1): the experiment that Linkerd published in
 * 2016 ("Beyond round robin"), with the response times of Finagle's balancer simulation.
 *
 * @param clients the number of clients that share 1,000 requests per second
 * @param baseErrors the share of errors that all pods return after their normal time
 * @param seeds the number of runs whose mean counts
 */
public record SlowPod(int clients, double baseErrors, int seeds) implements Scenario {
    /**
     * Finagle's {@code real_latencies.data}: p50, p90, p99 and p99.9. Its least and greatest value are not published; the least
     * mirrors p99, the greatest is a little above p99.9.
     */
    public static final ServiceTime FINAGLE_LATENCIES = ServiceTime.ofQuantiles(List.of(
            new Quantile(0, micros(142_700)),
            new Quantile(0.5, micros(167_500)),
            new Quantile(0.9, micros(176_700)),
            new Quantile(0.99, micros(192_300)),
            new Quantile(0.999, micros(198_800)),
            new Quantile(1, micros(205_000))));

    @Override
    public String name() {
        return "slow-pod" + Names.clients(clients) + (baseErrors > 0 ? "-base-errors" : "");
    }

    @Override
    public String description() {
        return "1 of 11 pods takes 2 s from second 15 to 45; 1,000 requests/s from " + clients + " client(s), "
                + baseErrors * 100 + "% errors on all pods";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        Fault fault = Fault.fixedTime(Duration.ofSeconds(15), Duration.ofSeconds(45), Duration.ofSeconds(2));
        PodSpec pod = PodSpec.of(FINAGLE_LATENCIES).withErrors(baseErrors);
        Simulation simulation = Simulation.builder()
                .pod(pod.withFault(fault))
                .pods(10, pod)
                .clients(ClientGroup.openLoop(clients, 1000))
                .duration(Duration.ofSeconds(60))
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(
                Row.percent(
                        this,
                        system,
                        "answered-in-1s",
                        results.mean(r -> r.last().answeredInTimeShare())),
                Row.millis(this, system, "p99", results.mean(r -> r.last().percentileMillis(99))),
                Row.millis(this, system, "p99.9", results.mean(r -> r.last().percentileMillis(99.9))));
    }

    private static Duration micros(long micros) {
        return Duration.ofNanos(micros * 1000);
    }
}
