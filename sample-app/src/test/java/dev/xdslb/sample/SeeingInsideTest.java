/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.yaml.snakeyaml.Yaml;

/** What the sample shows of itself over HTTP, served by WebMVC, and that the dashboard asks for nothing else. */
class SeeingInsideTest {
    private static final Path DASHBOARD = Path.of("..", "dashboards", "xds-lb.json");

    /** For an application that starts beside other builds. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    /** Labels that Prometheus sets on what it scrapes. */
    private static final Set<String> OF_PROMETHEUS = Set.of("job", "instance");

    /** A metric in a query, with its matchers. */
    private static final Pattern METRIC = Pattern.compile("\\b(xdslb_[a-z_]+)(\\{[^}]*\\})?");

    private static final Pattern LABEL = Pattern.compile("([a-z_]+)\\s*=~?\"");
    private static final Pattern GROUPED = Pattern.compile("\\bby \\(([^)]*)\\)");
    private static final Pattern LABEL_VALUES = Pattern.compile("label_values\\((.*), ([a-z_]+)\\)");

    private static ConfigurableApplicationContext sample;

    @BeforeAll
    static void start() {
        sample = new SpringApplicationBuilder(SampleApplication.class)
                .registerShutdownHook(false)
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--server.shutdown=immediate",
                        "--xds-lb.control-plane.address=127.0.0.1:1",
                        "--xds-lb.metrics.endpoints=10",
                        "--xds-lb.clients.orders.endpoints=127.0.0.1:2,[::1]:2",
                        "--xds-lb.clients.stock.resource=stock.shop:8080");
    }

    @AfterAll
    static void stop() {
        sample.close();
    }

    @Test
    void endpoint_namesClustersInItsUrl() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get("/actuator/xdslb/orders.shop"))
                        .contains(
                                "\"cluster\":\"orders.shop\"",
                                "\"127.0.0.1:2\"",
                                "\"[::1]:2\"",
                                "\"from\":\"FALLBACK\""));
        assertThat(get("/actuator/xdslb/stock.shop:8080")).contains("\"cluster\":\"stock.shop:8080\"");
        assertThat(get("/actuator/xdslb/stock.shop%3A8080")).contains("\"cluster\":\"stock.shop:8080\"");
        assertThat(get("/actuator/xdslb/orders")).contains("\"cluster\":\"orders.shop\"");
        assertThat(get("/actuator/xdslb")).contains("\"connected\":false", "\"stock.shop:8080\"");
    }

    @Test
    void endpoint_explainsAPick() throws Exception {
        await().atMost(PATIENCE)
                .untilAsserted(() -> assertThat(get(
                                "/actuator/xdslb/orders.shop/explain?header=X-Tier:a,b&header=Y:1&cookie=a=b&path=/x"))
                        .contains("\"cluster\":\"orders.shop\"", "\"picked\":\""));
        assertThat(send("/actuator/xdslb/orders.shop/explain?header=nonsense").statusCode())
                .isEqualTo(400);
    }

    @Test
    void unknownName_is404_withTheKnownOnes() throws Exception {
        HttpResponse<String> response = send("/actuator/xdslb/oders.shop");
        assertThat(response.statusCode()).isEqualTo(404);
        assertThat(response.body()).contains("orders.shop", "stock.shop:8080");
        assertThat(send("/actuator/xdslb/stock.shop:8080?limit=many").statusCode())
                .isEqualTo(400);
    }

    @Test
    void dashboard_asksForMetersAndLabelsThatThereAre() throws Exception {
        Map<String, Set<String>> scraped = new TreeMap<>();
        await().atMost(PATIENCE).untilAsserted(() -> {
            scraped.putAll(scrape());
            assertThat(scraped).containsKeys("xdslb_endpoints", "xdslb_endpoint_cost_seconds");
        });
        List<String> queries = queries();
        assertThat(queries).hasSizeGreaterThan(20);
        Set<String> asked = new HashSet<>();
        for (String query : queries) {
            List<MatchResult> metrics = METRIC.matcher(query).results().toList();
            assertThat(metrics).as(query).isNotEmpty();
            for (MatchResult metric : metrics) {
                asked.add(metric.group(1));
                assertThat(scraped).as(query).containsKey(metric.group(1));
                Set<String> labels = new HashSet<>(labels(metric.group(2)));
                GROUPED.matcher(query)
                        .results()
                        .forEach(by -> labels.addAll(List.of(by.group(1).split(", ", -1))));
                LABEL_VALUES.matcher(query).results().forEach(values -> labels.add(values.group(2)));
                labels.removeAll(OF_PROMETHEUS);
                assertThat(scraped.get(metric.group(1))).as(query).containsAll(labels);
            }
        }
        assertThat(asked)
                .as("every meter is on the dashboard")
                .containsAll(scraped.keySet().stream()
                        .filter(name -> name.startsWith("xdslb_"))
                        .toList());
    }

    private static List<String> labels(String matchers) {
        return matchers == null
                ? List.of()
                : LABEL.matcher(matchers).results().map(label -> label.group(1)).toList();
    }

    /** Returns the queries of all panels and variables. */
    private static List<String> queries() throws Exception {
        List<String> queries = new ArrayList<>();
        collect(new Yaml().load(Files.readString(DASHBOARD)), queries); // YAML includes JSON
        return queries;
    }

    private static void collect(Object json, List<String> queries) {
        if (json instanceof Map<?, ?> map) {
            map.forEach((key, value) -> {
                if ((key.equals("expr") || key.equals("query"))
                        && value instanceof String query
                        && !query.equals("prometheus")) {
                    queries.add(query);
                } else {
                    collect(value, queries);
                }
            });
        } else if (json instanceof List<?> list) {
            list.forEach(element -> collect(element, queries));
        }
    }

    /** Returns the labels of each series by its name. */
    private static Map<String, Set<String>> scrape() throws Exception {
        Map<String, Set<String>> series = new TreeMap<>();
        for (String line : get("/actuator/prometheus").lines().toList()) {
            if (!line.startsWith("#") && !line.isBlank()) {
                String name = line.substring(0, line.indexOf(line.contains("{") ? '{' : ' '));
                series.computeIfAbsent(name, missing -> new HashSet<>()).addAll(labels(line));
            }
        }
        return series;
    }

    private static String get(String path) throws Exception {
        HttpResponse<String> response = send(path);
        assertThat(response.statusCode()).as(response.body()).isEqualTo(200);
        return response.body();
    }

    private static HttpResponse<String> send(String path) throws Exception {
        String port = sample.getEnvironment().getRequiredProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
