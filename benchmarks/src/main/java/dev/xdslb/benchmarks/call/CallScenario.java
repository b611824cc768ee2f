/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import dev.xdslb.benchmarks.JmhResults;
import dev.xdslb.simulation.scenario.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** One client, balanced by one after the other. */
public final class CallScenario {
    /** Processes for each system: where the compiler has put what differs more between them than between iterations. */
    private static final int FORKS = 3;

    private static final int WARMUPS = 12;
    private static final int MEASUREMENTS = 12;
    private static final TimeValue ITERATION = TimeValue.milliseconds(500);

    private CallScenario() {}

    /** Measures, and returns the values system by system. */
    public static List<Row> run(CallingClient client, List<BalancedBy> systems) throws RunnerException {
        List<Row> rows = new ArrayList<>();
        for (RunResult result : new Runner(new OptionsBuilder()
                        .include(CallBenchmark.class.getName())
                        .param("client", client.name())
                        .param("balancing", systems.stream().map(Enum::name).toArray(String[]::new))
                        .forks(FORKS)
                        .warmupIterations(WARMUPS)
                        .warmupTime(ITERATION)
                        .measurementIterations(MEASUREMENTS)
                        .measurementTime(ITERATION)
                        .timeUnit(TimeUnit.MICROSECONDS)
                        .addProfiler(GCProfiler.class)
                        .addProfiler(CpuProfiler.class)
                        .shouldFailOnError(true)
                        .verbosity(VerboseMode.SILENT)
                        .build())
                .run()) {
            String system =
                    BalancedBy.valueOf(result.getParams().getParam("balancing")).label();
            rows.add(new Row(client.scenario(), system, "time", "us", JmhResults.time(result)));
            rows.add(new Row(client.scenario(), system, "cpu", "us", JmhResults.median(result, CpuProfiler.METRIC)));
            rows.add(new Row(client.scenario(), system, "allocated", "B", JmhResults.allocated(result)));
        }
        return rows;
    }
}
