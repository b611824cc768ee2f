/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.call.BalancedBy;
import dev.xdslb.benchmarks.call.CallScenario;
import dev.xdslb.benchmarks.call.CallingClient;
import dev.xdslb.simulation.scenario.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;
import org.openjdk.jmh.runner.RunnerException;

/** Measures whole calls over loopback, one client after the other. */
final class Call {
    private static final String NONE = BalancedBy.NOBODY.label();
    private static final String PLATFORM = BalancedBy.PLATFORM.label();

    private Call() {}

    static void main(Arguments arguments) throws IOException {
        if (arguments.seed().isPresent()) {
            throw new IllegalArgumentException("--seed: " + arguments.seed().getAsLong()
                    + " (expected: with simulate only; here time is measured)");
        }
        List<CallingClient> clients = CallingClient.named(arguments.scenario());
        List<BalancedBy> systems = BalancedBy.named(arguments.system());
        try (Writer json = arguments.json().isPresent()
                ? Files.newBufferedWriter(arguments.json().get())
                : Writer.nullWriter()) {
            for (CallingClient client : clients) {
                List<Row> rows = CallScenario.run(client, systems);
                print(client, systems, rows, System.out);
                for (Row row : rows) {
                    json.append(row.toJson()).append('\n');
                }
                json.flush();
            }
        } catch (RunnerException e) {
            throw new IllegalStateException("the benchmark could not be run", e);
        }
    }

    private static void print(CallingClient client, List<BalancedBy> systems, List<Row> rows, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%n%s: one call after the other, 4 servers%n  %-24s %12s %12s %12s %12s %12s %12s %14s%n",
                client.scenario(),
                "system",
                "time us",
                "over none us",
                "/ platform",
                "CPU us",
                "/ platform",
                "allocated B",
                "- platform B");
        for (BalancedBy system : systems) {
            double time = value(rows, system.label(), "time");
            double cpu = value(rows, system.label(), "cpu");
            double allocated = value(rows, system.label(), "allocated");
            out.printf(
                    Locale.ROOT,
                    "  %-24s %12.2f %12.2f %12.3f %12.2f %12.3f %12.0f %14.0f%n",
                    system.label(),
                    time,
                    time - value(rows, NONE, "time"),
                    time / value(rows, PLATFORM, "time"),
                    cpu,
                    cpu / value(rows, PLATFORM, "cpu"),
                    allocated,
                    allocated - value(rows, PLATFORM, "allocated"));
        }
    }

    /** Returns NaN for what was not measured. */
    private static double value(List<Row> rows, String system, String metric) {
        return rows.stream()
                .filter(row -> row.system().equals(system) && row.metric().equals(metric))
                .mapToDouble(Row::value)
                .findFirst()
                .orElse(Double.NaN);
    }
}
