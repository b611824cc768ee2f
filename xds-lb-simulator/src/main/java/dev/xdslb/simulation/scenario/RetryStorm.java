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
 * All of ten pods fail a share of their requests, and clients try what failed again, up to three times in all: whoever retries without a
 * bound sends the pods the more the less they can take.
 *
 * @param share the share of the requests that fail
 * @param clients the number of clients that share the requests
 * @param requestsPerSecond of all clients together, retries apart
 * @param seeds the number of runs whose mean counts
 */
public record RetryStorm(double share, int clients, int requestsPerSecond, int seeds) implements Scenario {
    private static final int PODS = 10;
    private static final int WORKERS = 100;
    private static final int TRIES = 3;

    /** A whole window of the budget later, and what could be sent at once has been sent. */
    private static final Duration FROM = Duration.ofSeconds(15);

    private static final Duration END = Duration.ofSeconds(35);

    @Override
    public String name() {
        return "retry-storm-" + Names.percent(share) + '-' + requestsPerSecond + Names.clients(clients);
    }

    @Override
    public String description() {
        return "all of " + PODS + " pods fail " + Math.round(share * 100) + "% of their requests in 5 ms; "
                + requestsPerSecond + " requests/s from " + clients + " client(s), each request sent up to " + TRIES
                + " times; from second 15 on";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(5), 0.3))
                .withConcurrency(WORKERS)
                .withFault(Fault.failing(Duration.ZERO, END, share, Duration.ofMillis(5)));
        Simulation simulation = Simulation.builder()
                .pods(PODS, pod)
                .clients(ClientGroup.openLoop(clients, requestsPerSecond))
                .tries(TRIES)
                .phaseFrom(FROM)
                .duration(END)
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(
                Row.ratio(
                        this,
                        system,
                        "amplification",
                        results.mean(r -> r.last().amplification())),
                Row.percent(this, system, "failed", results.mean(r -> r.last().failedShare())));
    }
}
