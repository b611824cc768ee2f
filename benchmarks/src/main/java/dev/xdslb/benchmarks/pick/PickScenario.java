/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.pick;

import dev.xdslb.benchmarks.JmhResults;
import dev.xdslb.simulation.scenario.Row;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;
import org.openjdk.jmh.util.Statistics;

/**
 * One table: all systems at one number of endpoints and threads.
 *
 * @param name in reports: {@code pick-<endpoints>-<threads>}, {@code pick-weighted-…}, {@code replace-<endpoints>}
 * @param endpoints how many are picked among
 * @param threads how many pick
 * @param kind what happens besides
 */
public record PickScenario(String name, int endpoints, int threads, Kind kind) {
    private static final int CORES = Runtime.getRuntime().availableProcessors();
    private static final int[] SIZES = {4, 10, 100, 1_000, 10_000};
    private static final int WEIGHTED_SIZE = 1_000;

    private static final int WARMUPS = 12;
    private static final int MEASUREMENTS = 12;
    private static final TimeValue ITERATION = TimeValue.milliseconds(150);

    private static final double P99 = 99;
    private static final double P999 = 99.9;
    private static final double NANOS_PER_MILLI = 1e6;

    /** What happens besides. */
    public enum Kind {
        /** All endpoints weigh the same. */
        EQUAL_WEIGHTS,
        /** They weigh 1, 2 and 3. */
        DIFFERENT_WEIGHTS,
        /** All endpoints are replaced again and again. */
        REPLACING
    }

    /**
     * Returns the one of this name, or else those whose names begin with it.
     *
     * @throws IllegalArgumentException when there is none
     */
    public static List<PickScenario> named(String prefix) {
        List<PickScenario> exact =
                all().stream().filter(scenario -> scenario.name.equals(prefix)).toList();
        List<PickScenario> chosen = exact.isEmpty()
                ? all().stream()
                        .filter(scenario -> scenario.name.startsWith(prefix))
                        .toList()
                : exact;
        if (chosen.isEmpty()) {
            throw new IllegalArgumentException("scenario: \"" + prefix + "\" (expected: one of "
                    + all().stream().map(PickScenario::name).toList() + ")");
        }
        return chosen;
    }

    private static List<PickScenario> all() {
        List<PickScenario> all = new ArrayList<>();
        for (int size : SIZES) {
            all.add(new PickScenario("pick-" + size + "-1", size, 1, Kind.EQUAL_WEIGHTS));
            all.add(new PickScenario("pick-" + size + "-all", size, CORES, Kind.EQUAL_WEIGHTS));
        }
        all.add(new PickScenario("pick-weighted-" + WEIGHTED_SIZE + "-1", WEIGHTED_SIZE, 1, Kind.DIFFERENT_WEIGHTS));
        all.add(new PickScenario(
                "pick-weighted-" + WEIGHTED_SIZE + "-all", WEIGHTED_SIZE, CORES, Kind.DIFFERENT_WEIGHTS));
        int most = SIZES[SIZES.length - 1];
        all.add(new PickScenario("replace-" + most, most, 1, Kind.REPLACING));
        return all;
    }

    /** Measures systems, each in a process of its own, and returns the values system by system. */
    public List<Row> run(List<MeasuredSystem> systems) throws RunnerException {
        List<MeasuredSystem> measured = kind == Kind.REPLACING
                ? systems.stream().filter(MeasuredSystem::isOurs).toList()
                : systems;
        if (measured.isEmpty()) {
            return List.of();
        }
        ChainedOptionsBuilder options = new OptionsBuilder()
                .param("system", measured.stream().map(Enum::name).toArray(String[]::new))
                .param("endpoints", Integer.toString(endpoints))
                .forks(1)
                .warmupIterations(WARMUPS)
                .warmupTime(ITERATION)
                .measurementIterations(MEASUREMENTS)
                .measurementTime(ITERATION)
                .timeUnit(TimeUnit.NANOSECONDS)
                .shouldFailOnError(true)
                .verbosity(VerboseMode.SILENT);
        if (kind == Kind.REPLACING) {
            options.include(ReplaceBenchmark.class.getName());
        } else {
            options.include(PickBenchmark.class.getName())
                    .param("weighted", Boolean.toString(kind == Kind.DIFFERENT_WEIGHTS))
                    .threads(threads)
                    .addProfiler(GCProfiler.class);
        }
        Collection<RunResult> results = new Runner(options.build()).run();
        List<Row> rows = new ArrayList<>();
        for (RunResult result : results) {
            String system = MeasuredSystem.valueOf(result.getParams().getParam("system"))
                    .label();
            if (kind == Kind.REPLACING) {
                addSamples(system, result, rows);
            } else {
                rows.add(new Row(name, system, "time", "ns", JmhResults.time(result)));
                rows.add(new Row(name, system, "allocated", "B", JmhResults.allocated(result)));
            }
        }
        return rows;
    }

    private void addSamples(String system, RunResult result, List<Row> rows) {
        Statistics picks = JmhResults.statistics(result, "pick");
        rows.add(new Row(name, system, "time", "ns", picks.getMean()));
        rows.add(new Row(name, system, "p99", "ns", picks.getPercentile(P99)));
        rows.add(new Row(name, system, "p999", "ns", picks.getPercentile(P999)));
        Statistics replacements = JmhResults.statistics(result, "replace");
        rows.add(new Row(name, system, "replacement", "ms", replacements.getMean() / NANOS_PER_MILLI));
    }
}
