/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import java.io.StringWriter;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReportTest {
    private final StringBuilder table = new StringBuilder();
    private final StringWriter json = new StringWriter();

    @Test
    void values_areWrittenAsATableAndAsLinesOfJson() {
        Scenario scenario = new Fixed();

        List<Row> rows = new Report(table, json).run(scenario, List.of(Peers.random(), Peers.pinned(4)));

        assertThat(rows).hasSize(4);
        assertThat(table.toString().lines().toList())
                .anyMatch(line -> line.startsWith("fixed: always the same"))
                .anyMatch(line -> line.contains("p99 ms"))
                .anyMatch(line -> line.contains("pinned-4") && line.contains("12.500"));
        assertThat(json.toString().lines().toList())
                .hasSize(4)
                .contains("{\"scenario\": \"fixed\", \"system\": \"pinned-4\", \"metric\": \"p99\", \"unit\": \"ms\", "
                        + "\"value\": 12.5}");
    }

    private static final class Fixed implements Scenario {
        @Override
        public String name() {
            return "fixed";
        }

        @Override
        public String description() {
            return "always the same";
        }

        @Override
        public List<Row> run(SimulatedSystem system, long firstSeed) {
            return List.of(Row.millis(this, system, "p99", 12.5), Row.percent(this, system, "failed", 0));
        }
    }
}
