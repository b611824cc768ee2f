/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import dev.xdslb.load.RequestCounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The table of the documentation: what each outcome counts as with each client. It is what the tests expect. */
final class Matrix {
    /** The cell of what a client cannot do; the documentation says why. */
    static final String IMPOSSIBLE = "–";

    private static final Path PAGE = Path.of("..", "docs", "compatibility.md");
    private static final String HEAD = "| what happens |";

    private final Map<String, Map<String, String>> rows; // by outcome, by client

    private Matrix(Map<String, Map<String, String>> rows) {
        this.rows = rows;
    }

    static Matrix read() {
        Map<String, Map<String, String>> rows = new LinkedHashMap<>();
        List<String> clients = new ArrayList<>();
        try {
            for (String line : Files.readAllLines(PAGE)) {
                if (clients.isEmpty() ? line.startsWith(HEAD) : line.startsWith("|")) {
                    List<String> cells = Arrays.stream(line.split("\\|"))
                            .skip(1)
                            .map(String::trim)
                            .toList();
                    if (clients.isEmpty()) {
                        clients.addAll(cells);
                    } else if (!cells.get(0).startsWith("---")) {
                        Map<String, String> row = new LinkedHashMap<>();
                        for (int i = 1; i < cells.size(); i++) {
                            row.put(clients.get(i), cells.get(i));
                        }
                        rows.put(cells.get(0), row);
                    }
                } else if (!clients.isEmpty()) {
                    break;
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Matrix(rows);
    }

    /** Returns what is expected. */
    String cell(Outcome outcome, Client client) {
        Map<String, String> row = rows.get(outcome.title());
        String cell = row == null ? null : row.get(client.title());
        if (cell == null) {
            throw new IllegalStateException(PAGE + " has no cell for " + outcome.title() + " with " + client.title());
        }
        return cell;
    }

    /** Returns how a cell says what was counted. */
    static String cell(RequestCounts counts) {
        List<String> parts = new ArrayList<>();
        add(parts, "failure", counts.failed());
        add(parts, "refused", counts.refused());
        add(parts, "success", counts.succeeded());
        add(parts, "nothing", counts.cancelled());
        return parts.isEmpty() ? "not sent" : String.join(", ", parts);
    }

    private static void add(List<String> parts, String what, long count) {
        if (count == 1) {
            parts.add(what);
        } else if (count != 0) {
            parts.add(count + " × " + what);
        }
    }
}
