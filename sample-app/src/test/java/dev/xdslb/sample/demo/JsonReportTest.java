/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonReportTest {
    @TempDir
    Path folder;

    @Test
    void writesOneLinePerFigure() throws Exception {
        ClientFigures figures =
                new ClientFigures(30, 2, 28, 20.12345, 61, 12.5, Map.of("orders-a1", 20, "orders-b1", 10));
        Path file = folder.resolve("new/report.jsonl");

        JsonReport.write(
                file,
                List.of(new ScenarioResult(
                        Scenario.POD_KILLED,
                        Set.of("orders-a1", "orders-b1"),
                        Map.of(ClientKind.XDS_LB_GRPC, figures))));

        assertThat(Files.readAllLines(file))
                .containsExactly(
                        row("requests", "requests", "30.0"),
                        row("failed", "requests", "2.0"),
                        row("p50", "ms", "20.123"),
                        row("p99", "ms", "61.0"),
                        row("max-over-mean", "ratio", "1.333"),
                        row("last-request-after-removal", "ms", "12.5"),
                        row("pod-requests", "requests", "20.0,\"endpoint\":\"orders-a1\""),
                        row("pod-requests", "requests", "10.0,\"endpoint\":\"orders-b1\""));
    }

    @Test
    void figureThatDoesNotExist_isLeftOut() throws Exception {
        Path file = folder.resolve("report.jsonl");

        JsonReport.write(
                file,
                List.of(new ScenarioResult(
                        Scenario.HEALTHY,
                        Set.of("orders-a1"),
                        Map.of(ClientKind.PINNED, new ClientFigures(0, 0, 0, Double.NaN, Double.NaN, 0, Map.of())))));

        assertThat(Files.readAllLines(file)).hasSize(2).noneMatch(line -> line.contains("NaN"));
    }

    private static String row(String metric, String unit, String value) {
        return "{\"scenario\":\"pod-killed\",\"system\":\"xds-lb-grpc\",\"metric\":\"" + metric + "\",\"unit\":\""
                + unit + "\",\"value\":" + value + "}";
    }
}
