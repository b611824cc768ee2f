/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.Simulation;
import dev.xdslb.simulation.SimulationResult;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/** The results of the same simulation with several seeds. */
final class Seeds {
    private final List<SimulationResult> results;

    private Seeds(List<SimulationResult> results) {
        this.results = results;
    }

    /** Runs with the seeds {@code first} to {@code first + seeds - 1}. */
    static Seeds run(Simulation simulation, SimulatedSystem system, long first, int seeds) {
        List<SimulationResult> results = new ArrayList<>();
        for (int i = 0; i < seeds; i++) {
            results.add(simulation.run(system, first + i));
        }
        return new Seeds(results);
    }

    double mean(ToDoubleFunction<SimulationResult> measure) {
        return results.stream().mapToDouble(measure).average().orElseThrow();
    }

    double max(ToDoubleFunction<SimulationResult> measure) {
        return results.stream().mapToDouble(measure).max().orElseThrow();
    }

    double median(ToDoubleFunction<SimulationResult> measure) {
        double[] sorted = results.stream().mapToDouble(measure).sorted().toArray();
        return sorted[sorted.length / 2];
    }
}
