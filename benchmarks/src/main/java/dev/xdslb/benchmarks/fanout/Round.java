/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import dev.xdslb.simulation.scenario.Row;
import java.util.List;

/**
 * What was measured while changes were applied.
 *
 * @param due changes that were to be applied
 * @param applied changes that were
 * @param expected deliveries of these
 * @param delivered deliveries that came in time
 * @param p50 of their times, in ms
 * @param p99 the same
 * @param max the same
 * @param bytes of frames that came, by applied change
 * @param cpuMillis of the server, by applied change
 * @param compilerMillis what of it the JVM's compiler used, which it does not go on to use
 * @param clientCores how many cores the process with the streams used: near 1 says that it is what was measured
 * @param othersCores how many cores everything else on the machine used: what it takes, times are longer by
 */
record Round(
        int due,
        int applied,
        int expected,
        int delivered,
        double p50,
        double p99,
        double max,
        double bytes,
        double cpuMillis,
        double compilerMillis,
        double clientCores,
        double othersCores) {

    private static final double SUSTAINED_MILLIS = 1_000;

    /** Whether the server can go on so. */
    boolean sustained() {
        return applied == due && delivered >= expected && p99 <= SUSTAINED_MILLIS;
    }

    /** Returns it as values; deliveries and changes that are missing only where there are some. */
    List<Row> rows(String scenario, String system) {
        return List.of(
                new Row(scenario, system, "p50", "ms", p50),
                new Row(scenario, system, "p99", "ms", p99),
                new Row(scenario, system, "max", "ms", max),
                new Row(scenario, system, "bytes", "B", bytes),
                new Row(scenario, system, "cpu", "ms", cpuMillis),
                new Row(scenario, system, "cpu-compiler", "ms", compilerMillis),
                new Row(scenario, system, "not-applied", "changes", due - applied),
                new Row(scenario, system, "not-delivered", "deliveries", Math.max(0, expected - delivered)),
                new Row(scenario, system, "client-cpu", "cores", clientCores),
                new Row(scenario, system, "others-cpu", "cores", othersCores));
    }
}
