/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import dev.xdslb.simulation.SimulatedSystem;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Runs scenarios and says what came of them: a table for people, lines of JSON for programs. */
public final class Report {
    private final Appendable table;
    private final Writer json;

    /**
     * Makes an empty report without JSON.
     *
     * @param table where a table is appended after each scenario, such as {@link System#out}
     */
    public Report(Appendable table) {
        this(table, Writer.nullWriter());
    }

    /**
     * Makes an empty report.
     *
     * @param table where a table is appended after each scenario
     * @param json where the same values are written as JSON, one per line; {@link Writer#nullWriter()} for nowhere
     */
    public Report(Appendable table, Writer json) {
        this.table = table;
        this.json = json;
    }

    /**
     * Measures systems in a situation, with the seeds of the published figures.
     *
     * @return what was measured, system by system
     */
    public List<Row> run(Scenario scenario, List<SimulatedSystem> systems) {
        return run(scenario, systems, Scenario.FIRST_SEED);
    }

    /**
     * Measures systems in a situation.
     *
     * @param firstSeed of each system's runs, as in {@link Scenario#run(SimulatedSystem, long)}
     * @return what was measured, system by system
     */
    public List<Row> run(Scenario scenario, List<SimulatedSystem> systems, long firstSeed) {
        try {
            table.append('\n')
                    .append(scenario.name())
                    .append(": ")
                    .append(scenario.description())
                    .append('\n');
            List<Row> rows = new ArrayList<>();
            for (SimulatedSystem system : systems) {
                List<Row> ofSystem = scenario.run(system, firstSeed);
                if (rows.isEmpty()) {
                    writeHead(ofSystem);
                }
                writeLine(system, ofSystem);
                rows.addAll(ofSystem);
            }
            json.flush();
            return rows;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the report", e);
        }
    }

    private void writeHead(List<Row> rows) throws IOException {
        Set<String> columns = new LinkedHashSet<>();
        rows.forEach(row -> columns.add(row.metric() + ' ' + row.unit()));
        table.append(String.format(Locale.ROOT, "  %-28s %-20s", "system", "simulated is"));
        for (String column : columns) {
            table.append(String.format(Locale.ROOT, " %20s", column));
        }
        table.append('\n');
    }

    private void writeLine(SimulatedSystem system, List<Row> rows) throws IOException {
        table.append(String.format(
                Locale.ROOT, "  %-28s %-20s", system.name(), system.origin().label()));
        for (Row row : rows) {
            table.append(String.format(Locale.ROOT, " %20.3f", row.value()));
            json.append(row.toJson()).append('\n');
        }
        table.append('\n');
    }
}
