/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.pick.MeasuredSystem;
import dev.xdslb.benchmarks.pick.PickScenario;
import dev.xdslb.simulation.scenario.Row;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.RunnerException;

/** Measures what one request costs inside ours and inside the peers' balancers, one scenario after the other. */
final class Pick {
    private Pick() {}

    static void main(Arguments arguments, List<MeasuredSystem> systems) throws IOException {
        if (arguments.seed().isPresent()) {
            throw new IllegalArgumentException("--seed: " + arguments.seed().getAsLong()
                    + " (expected: with simulate only; here time is measured)");
        }
        List<PickScenario> scenarios = PickScenario.named(arguments.scenario());
        if (systems.isEmpty()) {
            throw new IllegalArgumentException("system: \"" + arguments.system() + "\" (expected: one of "
                    + MeasuredSystem.named("").stream()
                            .map(MeasuredSystem::label)
                            .toList() + ")");
        }
        List<Row> all = new ArrayList<>();
        try (Writer json = arguments.json().isPresent()
                ? Files.newBufferedWriter(arguments.json().get())
                : Writer.nullWriter()) {
            for (PickScenario scenario : scenarios) {
                List<Row> rows = scenario.run(systems);
                PickTable.print(scenario, rows, System.out);
                for (Row row : rows) {
                    json.append(row.toJson()).append('\n');
                }
                json.flush();
                all.addAll(rows);
            }
        } catch (RunnerException e) {
            throw new IllegalStateException("the benchmark could not be run", e);
        }
        PickTable.printBudgets(all, System.out);
    }
}
