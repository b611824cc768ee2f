/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static java.util.Objects.requireNonNull;

import dev.xdslb.simulation.SimulatedSystem;
import java.util.Locale;

/**
 * One measured value.
 *
 * @param scenario what was simulated
 * @param system who balanced
 * @param metric what was measured, in kebab-case
 * @param unit of the value: {@code %}, {@code ms}, {@code s}, {@code ratio}, {@code pods}, {@code points}
 * @param value finite
 */
public record Row(String scenario, String system, String metric, String unit, double value) {

    public Row {
        requireNonNull(scenario, "scenario");
        requireNonNull(system, "system");
        requireNonNull(metric, "metric");
        requireNonNull(unit, "unit");
        if (!Double.isFinite(value)) {
            throw new IllegalArgumentException("value of " + scenario + ' ' + system + ' ' + metric + ": " + value
                    + " (expected: a finite number)");
        }
    }

    static Row of(Scenario scenario, SimulatedSystem system, String metric, String unit, double value) {
        return new Row(scenario.name(), system.name(), metric, unit, value);
    }

    static Row percent(Scenario scenario, SimulatedSystem system, String metric, double share) {
        return of(scenario, system, metric, "%", share * 100);
    }

    static Row millis(Scenario scenario, SimulatedSystem system, String metric, double millis) {
        return of(scenario, system, metric, "ms", millis);
    }

    static Row ratio(Scenario scenario, SimulatedSystem system, String metric, double ratio) {
        return of(scenario, system, metric, "ratio", ratio);
    }

    /** Returns it as one line of JSON. */
    public String toJson() {
        return String.format(
                Locale.ROOT,
                "{\"scenario\": \"%s\", \"system\": \"%s\", \"metric\": \"%s\", \"unit\": \"%s\", \"value\": %s}",
                escaped(scenario),
                escaped(system),
                escaped(metric),
                escaped(unit),
                Double.toString(value));
    }

    private static String escaped(String text) {
        return text.replace("\\", "\\\\").replace("\"", "\\\"");
    }
}
