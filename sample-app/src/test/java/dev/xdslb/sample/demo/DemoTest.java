/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Runs the whole system. What its figures are on a busy machine is not looked at here, only that they are all there. */
class DemoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http = HttpClient.newHttpClient();

    @TempDir
    Path folder;

    @Test
    void runWithoutSpectators_writesAllRows() throws Exception {
        Path report = folder.resolve("report.jsonl");
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        DemoApplication.measure(
                settings(report, Duration.ofSeconds(9), 0), new PrintStream(out, true, StandardCharsets.UTF_8));

        List<JsonNode> rows =
                Files.readAllLines(report).stream().map(JSON::readTree).toList();
        assertThat(rows).allSatisfy(row -> {
            assertThat(row.propertyNames()).startsWith("scenario", "system", "metric", "unit", "value");
            assertThat(row.get("value").isNumber()).isTrue();
            assertThat(row.has("endpoint"))
                    .isEqualTo(row.get("metric").asString().equals("pod-requests"));
        });
        Set<String> written = new HashSet<>();
        rows.forEach(row -> written.add(row.get("scenario").asString()
                + ' '
                + row.get("system").asString()
                + ' '
                + row.get("metric").asString()));
        assertThat(written).containsAll(expectedRows());
        assertThat(rows.stream()
                        .filter(row -> row.get("scenario").asString().equals("healthy")
                                && Set.of("xds-lb-http", "xds-lb-grpc")
                                        .contains(row.get("system").asString())
                                && row.get("metric").asString().equals("pod-requests")))
                .as("every pod gets requests over both protocols")
                .hasSize(20);
        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("Kubernetes notices it 500 ms later.", "zone-down", "Written to " + report);
    }

    @Test
    void demoShowsItselfAndObeys_alsoWherePortIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0);
                Demo demo = new Demo(settings(null, null, taken.getLocalPort()), event -> {})) {
            assertThat(demo.port()).isNotEqualTo(taken.getLocalPort());
            assertThat(DemoApplication.header(taken.getLocalPort(), demo.port()))
                    .contains("http://localhost:" + demo.port() + "/ (port " + taken.getLocalPort() + " is taken)");
            Thread director = new Thread(() -> {
                try {
                    demo.director().entertain();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            director.start();

            for (String path : List.of("/orders/42", "/web-client/orders/42", "/grpc/orders/42")) {
                await().atMost(PATIENCE).untilAsserted(() -> {
                    HttpResponse<String> answer = send(demo, "GET", path);
                    assertThat(answer.statusCode()).isEqualTo(200);
                    assertThat(answer.body()).contains("\"id\":\"42\"", "\"pod\":\"orders-");
                });
            }
            assertThat(send(demo, "GET", "/").body()).contains("<title>xds-lb demo</title>");
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode state = JSON.readTree(send(demo, "GET", "/demo/state").body());
                assertThat(state.get("pods").size()).isEqualTo(10);
                state.get("clients")
                        .forEach(client ->
                                assertThat(client.get("rate").asDouble()).isPositive());
            });

            assertThat(send(demo, "POST", "/demo/pods-added").statusCode()).isEqualTo(202);
            await().atMost(PATIENCE).untilAsserted(() -> {
                JsonNode state = JSON.readTree(send(demo, "GET", "/demo/state").body());
                assertThat(state.get("pods").size()).isEqualTo(13);
                state.get("pods").forEach(pod -> {
                    assertThat(pod.get("traffic").get(0).get("rate").asDouble()).isPositive();
                    assertThat(pod.get("traffic").get(1).get("rate").asDouble()).isPositive();
                });
            });
            director.interrupt();
            director.join();
        }
    }

    private static DemoSettings settings(Path report, Duration duration, int port) {
        return new DemoSettings(report, duration, 100, Duration.ofMillis(20), 10, port, null);
    }

    private HttpResponse<String> send(Demo demo, String method, String path) throws Exception {
        return http.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + demo.port() + path))
                        .header("X-Demo-Button", "test")
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }

    private static Set<String> expectedRows() {
        Set<String> expected = new HashSet<>();
        for (String scenario : List.of("healthy", "pod-killed", "pod-slow", "pod-failing", "zone-down", "pods-added")) {
            for (String system : List.of("xds-lb-http", "xds-lb-grpc", "xds-lb-one-by-one", "pinned")) {
                Stream.of("requests", "failed", "p50", "p99", "max-over-mean", "pod-requests")
                        .forEach(metric -> expected.add(scenario + ' ' + system + ' ' + metric));
                if (scenario.equals("pod-killed") || scenario.equals("zone-down")) {
                    expected.add(scenario + ' ' + system + " last-request-after-removal");
                }
            }
        }
        return expected;
    }
}
