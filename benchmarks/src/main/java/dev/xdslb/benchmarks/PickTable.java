/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.pick.PickScenario;
import dev.xdslb.simulation.scenario.Row;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what was measured about picks, beside ours with its default strategy. */
final class PickTable {
    private static final String OURS = "xds-lb-p2c-ewma";
    private static final String OUR_LEAST_REQUEST = "xds-lb-p2c-least-request";

    private PickTable() {}

    static void print(PickScenario scenario, List<Row> rows, PrintStream out) {
        if (rows.isEmpty()) {
            return;
        }
        Map<String, Map<String, Row>> bySystem = new LinkedHashMap<>();
        rows.forEach(row -> bySystem.computeIfAbsent(row.system(), system -> new LinkedHashMap<>())
                .put(row.metric(), row));
        double ours = value(rows, scenario.name(), OURS, "time");
        out.printf(
                Locale.ROOT,
                "%n%s: %,d endpoints, %s, %d %s%n  %-32s",
                scenario.name(),
                scenario.endpoints(),
                switch (scenario.kind()) {
                    case EQUAL_WEIGHTS -> "of equal weights";
                    case DIFFERENT_WEIGHTS -> "of different weights";
                    case REPLACING -> "replaced again and again";
                },
                scenario.threads(),
                scenario.threads() == 1 ? "thread" : "threads",
                "system");
        bySystem.values()
                .iterator()
                .next()
                .values()
                .forEach(row -> out.printf(Locale.ROOT, " %16s", row.metric() + ' ' + row.unit()));
        out.printf(Locale.ROOT, " %16s%n", "time / ours");
        bySystem.forEach((system, metrics) -> {
            out.printf(Locale.ROOT, "  %-32s", system);
            metrics.values().forEach(row -> out.printf(Locale.ROOT, " %16.2f", row.value()));
            Row time = metrics.get("time");
            out.print(ratio(time == null ? Double.NaN : time.value(), ours));
        });
    }

    private static String ratio(double value, double base) {
        return Double.isNaN(value / base)
                ? String.format(Locale.ROOT, " %16s%n", "-")
                : String.format(Locale.ROOT, " %16.2f%n", value / base);
    }

    /** Prints the ratios that the engine is held to, as far as their parts were measured. */
    static void printBudgets(List<Row> rows, PrintStream out) {
        StringBuilder lines = new StringBuilder();
        for (String threads : List.of("1", "all")) {
            String thousand = "pick-1000-" + threads;
            add(lines, OURS + ' ' + thousand, value(rows, thousand, OURS, "time"), "ns", 100);
            add(lines, OURS + ' ' + thousand, value(rows, thousand, OURS, "allocated"), "B", 0);
            for (String size : List.of("4", "10", "100", "1000", "10000")) {
                String scenario = "pick-" + size + '-' + threads;
                add(
                        lines,
                        OUR_LEAST_REQUEST + " / grpc-java-least-request " + scenario,
                        value(rows, scenario, OUR_LEAST_REQUEST, "time")
                                / value(rows, scenario, "grpc-java-least-request", "time"),
                        "x",
                        1.5);
            }
            for (String system : List.of(OURS, OUR_LEAST_REQUEST)) {
                add(
                        lines,
                        system + " pick-10000-" + threads + " / pick-10-" + threads,
                        value(rows, "pick-10000-" + threads, system, "time")
                                / value(rows, "pick-10-" + threads, system, "time"),
                        "x",
                        1.5);
            }
            for (String size : List.of("10", "1000")) {
                String scenario = "pick-" + size + '-' + threads;
                add(
                        lines,
                        "xds-lb-choose / spring-round-robin " + scenario,
                        value(rows, scenario, "xds-lb-choose", "time")
                                / value(rows, scenario, "spring-round-robin", "time"),
                        "x",
                        0.5);
            }
            for (String scenario : List.of(thousand, "pick-weighted-1000-" + threads)) {
                for (String peer : List.of(
                        "armeria-weighted-round-robin", "armeria-ramping-up", "finagle-p2c", "spring-round-robin")) {
                    add(
                            lines,
                            OURS + " / " + peer + ' ' + scenario,
                            value(rows, scenario, OURS, "time") / value(rows, scenario, peer, "time"),
                            "x",
                            1);
                }
            }
        }
        if (!lines.isEmpty()) {
            out.printf(Locale.ROOT, "%n%-80s %12s %10s%n%s", "budgets", "measured", "at most", lines);
        }
    }

    private static void add(StringBuilder lines, String what, double measured, String unit, double budget) {
        if (!Double.isNaN(measured)) {
            lines.append(
                    String.format(Locale.ROOT, "%-80s %9.2f %-2s %7.1f %-2s%n", what, measured, unit, budget, unit));
        }
    }

    private static double value(List<Row> rows, String scenario, String system, String metric) {
        return rows.stream()
                .filter(row -> row.scenario().equals(scenario)
                        && row.system().equals(system)
                        && row.metric().equals(metric))
                .mapToDouble(Row::value)
                .findFirst()
                .orElse(Double.NaN);
    }
}
