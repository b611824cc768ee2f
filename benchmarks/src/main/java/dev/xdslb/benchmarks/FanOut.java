/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.fanout.FanOutScenario;
import dev.xdslb.benchmarks.fanout.FanOutSizes;
import dev.xdslb.benchmarks.fanout.FanOutSystem;
import dev.xdslb.simulation.scenario.Row;
import java.io.IOException;
import java.io.PrintStream;
import java.io.Writer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Measures what control planes need to tell thousands of streams of changes, one system after the other. */
final class FanOut {
    private static final FanOutSizes DEFAULT = FanOutSizes.DEFAULT;

    /** Options that only this program has. */
    private static final List<String> SIZES =
            List.of("--services", "--endpoints", "--streams", "--subscriptions", "--rate", "--seconds", "--tls");

    private FanOut() {}

    static void start(String[] args) throws IOException {
        Map<String, String> sizes = new LinkedHashMap<>();
        Arguments arguments = Arguments.parse(without(SIZES, args, sizes));
        if (arguments.seed().isPresent()) {
            throw new IllegalArgumentException("--seed: " + arguments.seed().getAsLong()
                    + " (expected: with simulate only; here time is measured)");
        }
        run(arguments, sizes(sizes), System.out);
    }

    static void run(Arguments arguments, FanOutSizes sizes, PrintStream out) throws IOException {
        List<FanOutScenario> scenarios = FanOutScenario.named(arguments.scenario());
        List<FanOutSystem> systems = FanOutSystem.named(arguments.system());
        try (Writer json = arguments.json().isPresent()
                ? Files.newBufferedWriter(arguments.json().get())
                : Writer.nullWriter()) {
            for (FanOutScenario scenario : scenarios) {
                Map<FanOutSystem, List<Row>> measured = new LinkedHashMap<>();
                for (FanOutSystem system : systems) {
                    Optional<String> problem = FanOutScenario.problem(system);
                    if (problem.isPresent()) {
                        out.println(system.label() + " is not measured: " + problem.get());
                        continue;
                    }
                    List<Row> rows = scenario.run(system, sizes);
                    measured.put(system, rows);
                    for (Row row : rows) {
                        json.append(row.toJson()).append('\n');
                    }
                    json.flush();
                    out.println(scenario.label() + ": " + system.label() + " is measured");
                }
                print(scenario, sizes, measured, out);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    static FanOutSizes sizes(Map<String, String> given) {
        return new FanOutSizes(
                number(given, "--services", DEFAULT.services()),
                DEFAULT.bystanders(),
                number(given, "--endpoints", DEFAULT.endpoints()),
                number(given, "--streams", DEFAULT.streams()),
                number(given, "--subscriptions", DEFAULT.subscriptions()),
                number(given, "--rate", DEFAULT.rate()),
                number(given, "--seconds", DEFAULT.seconds()),
                truth(given, "--tls", DEFAULT.tls()));
    }

    /** Returns the arguments without these options, which go into the map with their values. */
    static String[] without(List<String> options, String[] args, Map<String, String> into) {
        List<String> others = new ArrayList<>();
        for (int i = 0; i < args.length; i += 2) {
            boolean ours = options.contains(args[i]);
            if (ours && i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + ": no value (expected: one after it)");
            }
            if (ours) {
                into.put(args[i], args[i + 1]);
            } else {
                others.addAll(List.of(args).subList(i, Math.min(i + 2, args.length)));
            }
        }
        return others.toArray(String[]::new);
    }

    private static int number(Map<String, String> given, String option, int otherwise) {
        String value = given.get(option);
        if (value == null) {
            return otherwise;
        }
        try {
            return Integer.parseInt(value);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(
                    option + ": \"" + value + "\" (expected: a whole number, such as " + otherwise + ")", e);
        }
    }

    private static boolean truth(Map<String, String> given, String option, boolean otherwise) {
        String value = given.get(option);
        if (value == null) {
            return otherwise;
        }
        if (!value.equals("true") && !value.equals("false")) {
            throw new IllegalArgumentException(option + ": \"" + value + "\" (expected: true or false)");
        }
        return Boolean.parseBoolean(value);
    }

    /** Prints a line for each metric and a column for each system. */
    private static void print(
            FanOutScenario scenario, FanOutSizes sizes, Map<FanOutSystem, List<Row>> measured, PrintStream out) {
        out.printf(
                Locale.ROOT,
                "%n%s: %,d services of %,d endpoints, %,d streams, %d changes/s, %s%n  %-36s",
                scenario.label(),
                sizes.services(),
                sizes.endpoints(),
                sizes.streams(),
                sizes.rate(),
                sizes.tls() ? "TLS" : "plain text",
                "metric");
        Map<String, Map<FanOutSystem, Double>> byMetric = new LinkedHashMap<>();
        measured.forEach((system, rows) -> {
            out.printf(Locale.ROOT, " %26s", system.label());
            rows.forEach(row -> byMetric.computeIfAbsent(
                            row.metric() + " (" + row.unit() + ")", metric -> new LinkedHashMap<>())
                    .put(system, row.value()));
        });
        out.println();
        byMetric.forEach((metric, values) -> {
            out.printf(Locale.ROOT, "  %-36s", metric);
            measured.keySet().forEach(system -> {
                Double value = values.get(system);
                out.printf(Locale.ROOT, " %26s", value == null ? "" : String.format(Locale.ROOT, "%,.2f", value));
            });
            out.println();
        });
    }
}
