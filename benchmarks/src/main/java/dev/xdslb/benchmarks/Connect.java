/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks;

import dev.xdslb.benchmarks.call.ConnectScenario;
import dev.xdslb.benchmarks.call.ConnectScenario.Setting;
import dev.xdslb.simulation.scenario.Row;
import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.util.List;
import java.util.Locale;

/** Measures what connections to a large service cost. */
final class Connect {
    private Connect() {}

    static void main(Arguments arguments) throws IOException {
        if (arguments.seed().isPresent() || !ConnectScenario.NAME.startsWith(arguments.scenario())) {
            throw new IllegalArgumentException("connect has no seed, and one scenario: " + ConnectScenario.NAME);
        }
        List<Row> rows = ConnectScenario.run(Setting.named(arguments.system()));
        try (Writer json = arguments.json().isPresent()
                ? Files.newBufferedWriter(arguments.json().get())
                : Writer.nullWriter()) {
            System.out.printf("%n%s: one gRPC channel to 1,000 endpoints%n", ConnectScenario.NAME);
            for (Row row : rows) {
                System.out.printf(
                        Locale.ROOT, "  %-12s %-14s %12.0f %s%n", row.system(), row.metric(), row.value(), row.unit());
                json.append(row.toJson()).append('\n');
            }
        }
    }
}
