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
 * All of ten pods fail a share of their requests for ten seconds, as when a database behind them is gone: no pod is worse than
 * another, so who leaves some out only overloads the others.
 *
 * @param share the share of the requests that fail
 * @param clients the number of clients that share 1,000 requests per second
 * @param seeds the number of runs of which the worst counts
 */
public record ErrorBurst(double share, int clients, int seeds) implements Scenario {
    private static final int PODS = 10;
    private static final Duration FROM = Duration.ofSeconds(20);
    private static final Duration UNTIL = Duration.ofSeconds(30);
    private static final Duration END = Duration.ofSeconds(40);

    @Override
    public String name() {
        return "error-burst-" + Names.percent(share) + Names.clients(clients);
    }

    @Override
    public String description() {
        return "all of " + PODS + " pods fail " + Math.round(share * 100)
                + "% of their requests in 20 ms from second 20 to " + "30; 1,000 requests/s from " + clients
                + " client(s)";
    }

    @Override
    public List<Row> run(SimulatedSystem system, long firstSeed) {
        PodSpec pod = PodSpec.of(ServiceTime.logNormal(Duration.ofMillis(20), 0.3))
                .withFault(Fault.failing(FROM, UNTIL, share, Duration.ofMillis(20)));
        Simulation simulation = Simulation.builder()
                .pods(PODS, pod)
                .clients(ClientGroup.openLoop(clients, 1000))
                .phaseFrom(FROM)
                .phaseFrom(UNTIL)
                .duration(END)
                .build();
        Seeds results = Seeds.run(simulation, system, firstSeed, seeds);
        return List.of(
                Row.percent(this, system, "failed", results.max(r -> r.phase(1).failedShare())),
                Row.ratio(
                        this,
                        system,
                        "max-over-mean",
                        results.max(r -> r.phase(1).maxOverMean())),
                Row.ratio(
                        this,
                        system,
                        "max-over-mean-after",
                        results.max(r -> r.last().maxOverMean())));
    }
}
