/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;

/** Writes results for machines: one JSON object per line and figure. */
final class JsonReport {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private JsonReport() {}

    /** Writes, or overwrites, a file. */
    static void write(Path file, List<ScenarioResult> results) {
        List<String> lines = new ArrayList<>();
        results.forEach(result -> result.figures()
                .forEach((client, figures) ->
                        rows(result, client, figures).forEach(row -> lines.add(JSON.writeValueAsString(row)))));
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("report " + file.toAbsolutePath() + " not written", e);
        }
    }

    private static List<Map<String, Object>> rows(ScenarioResult result, ClientKind client, ClientFigures figures) {
        List<Map<String, Object>> rows = new ArrayList<>();
        rows.add(row(result, client, "requests", "requests", figures.requests()));
        rows.add(row(result, client, "failed", "requests", figures.failed()));
        addIfNumber(rows, row(result, client, "p50", "ms", figures.p50()));
        addIfNumber(rows, row(result, client, "p99", "ms", figures.p99()));
        addIfNumber(rows, row(result, client, "max-over-mean", "ratio", figures.maxOverMean(result.pods())));
        if (result.removesPods()) {
            rows.add(row(result, client, "last-request-after-removal", "ms", figures.lastAfterRemovalMillis()));
        }
        new TreeMap<>(figures.perPod()).forEach((pod, requests) -> {
            Map<String, Object> row = row(result, client, "pod-requests", "requests", requests);
            row.put("endpoint", pod);
            rows.add(row);
        });
        return rows;
    }

    private static Map<String, Object> row(
            ScenarioResult result, ClientKind client, String metric, String unit, double value) {
        Map<String, Object> row = new LinkedHashMap<>();
        row.put("scenario", result.scenario().id());
        row.put("system", client.id());
        row.put("metric", metric);
        row.put("unit", unit);
        row.put("value", Double.isNaN(value) ? value : Math.round(value * 1000) / 1000.0);
        return row;
    }

    /** A figure that does not exist, such as the median of nothing, is left out. */
    private static void addIfNumber(List<Map<String, Object>> rows, Map<String, Object> row) {
        if (row.get("value") instanceof Double value && !value.isNaN()) {
            rows.add(row);
        }
    }
}
