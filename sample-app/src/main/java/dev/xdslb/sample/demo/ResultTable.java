/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws what came of the scenarios as lines of text. */
final class ResultTable {
    private ResultTable() {}

    static List<String> lines(List<ScenarioResult> results) {
        List<String> lines = new ArrayList<>();
        lines.add(String.format(
                "%-13s%-19s%10s%9s%10s%10s%11s%22s",
                "scenario", "system", "requests", "failed", "p50", "p99", "max/mean", "last after removal"));
        for (ScenarioResult result : results) {
            String scenario = result.scenario().id();
            for (ClientKind client : ClientKind.values()) {
                ClientFigures figures = result.figures().get(client);
                if (figures == null) {
                    continue;
                }
                lines.add(String.format(
                        Locale.ROOT,
                        "%-13s%-19s%10d%9d%7.0f ms%7.0f ms%11.2f%22s",
                        scenario,
                        client.id(),
                        figures.requests(),
                        figures.failed(),
                        figures.p50(),
                        figures.p99(),
                        figures.maxOverMean(result.pods()),
                        result.removesPods() ? Math.round(figures.lastAfterRemovalMillis()) + " ms" : ""));
                scenario = "";
            }
        }
        return lines;
    }
}
