/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.strategy.BuiltInStrategies;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** What the properties mean, and that each is described. */
class PropertiesTest {
    private static final String METADATA = "META-INF/spring-configuration-metadata.json";
    private static final Pattern ENTRY = Pattern.compile("\\{[^{}]*\"name\": \"(xds-lb[^\"]*)\"[^{}]*}");

    @Test
    void nothingConfigured_isBalancedWithTheDefaults() {
        TestContexts.fedBy(new FakeEndpointSource()).run(context -> {
            ClusterSettings settings = settings(context.getBean(ClusterRegistry.class), "orders.shop");
            assertThat(settings.strategy().name()).isEqualTo("p2c-least-request");
            assertThat(settings.policy().ejection()).isEqualTo(EjectionSettings.DEFAULT);
            assertThat(settings.initialFetchTimeout()).isEqualTo(ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT);
        });
    }

    @Test
    void clientsSettings_completeTheGeneralOnes() {
        FakeEndpointSource source = new FakeEndpointSource();
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.strategy=p2c-ewma",
                        "xds-lb.ejection.base-time=2s",
                        "xds-lb.clients.orders.strategy=round-robin",
                        "xds-lb.clients.orders.initial-fetch-timeout=1s",
                        "xds-lb.clients.orders.ejection.consecutive-failures=3",
                        "xds-lb.clients.stock.resource=stock-v2.warehouse:grpc")
                .run(context -> {
                    ClusterRegistry clusters = context.getBean(ClusterRegistry.class);
                    assertThat(source.subscribed())
                            .as("subscribed to without a request")
                            .containsExactlyInAnyOrder("orders.shop", "stock-v2.warehouse:grpc");
                    ClusterSettings orders = settings(clusters, "orders.shop");
                    assertThat(orders.strategy().name()).isEqualTo("round-robin");
                    assertThat(orders.initialFetchTimeout()).isEqualTo(Duration.ofSeconds(1));
                    assertThat(orders.policy().ejection())
                            .isEqualTo(new EjectionSettings(3, Duration.ofSeconds(2), Duration.ofSeconds(30), 0.5));
                    assertThat(settings(clusters, "orders.shop:9090").strategy())
                            .isEqualTo(orders.strategy());
                    assertThat(settings(clusters, "orders.shop?protocol=grpc").strategy())
                            .isEqualTo(orders.strategy());
                    assertThat(settings(clusters, "orders.other").strategy().name())
                            .as("of another namespace")
                            .isEqualTo("p2c-ewma");
                });
    }

    @Test
    void clientWithoutSettings_isSubscribedTo() throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        PropertySource<?> yaml = new YamlPropertySourceLoader()
                .load("yaml", new ByteArrayResource("""
                        xds-lb:
                          clients:
                            orders: {}
                            stock:
                        """.getBytes(StandardCharsets.UTF_8)))
                .get(0);
        TestContexts.fedBy(source)
                .withInitializer(
                        context -> context.getEnvironment().getPropertySources().addLast(yaml))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(source.subscribed()).containsExactlyInAnyOrder("orders.shop", "stock.shop");
                });
    }

    @Test
    void metadata_describesEachProperty() throws IOException {
        String metadata = metadata();
        List<String> names = new ArrayList<>();
        Matcher entry = ENTRY.matcher(metadata.substring(metadata.indexOf("\"properties\"")));
        while (entry.find()) {
            names.add(entry.group(1));
            assertThat(entry.group()).as(entry.group(1)).contains("\"description\": \"");
        }
        assertThat(names)
                .contains(
                        "xds-lb.enabled",
                        "xds-lb.namespace",
                        "xds-lb.zone",
                        "xds-lb.strategy",
                        "xds-lb.initial-fetch-timeout",
                        "xds-lb.clients",
                        "xds-lb.control-plane.address",
                        "xds-lb.control-plane.protocol",
                        "xds-lb.ejection.consecutive-failures",
                        "xds-lb.ejection.base-time",
                        "xds-lb.ejection.max-time",
                        "xds-lb.ejection.max-share");
    }

    @Test
    void metadata_hintsAtEachStrategy() throws IOException {
        String metadata = metadata();
        for (LoadBalancingStrategy strategy : BuiltInStrategies.all(ClusterRegistry.THREAD_LOCAL_RANDOM)) {
            assertThat(metadata).contains("\"value\": \"" + strategy.name() + '"');
        }
    }

    private static ClusterSettings settings(ClusterRegistry clusters, String resource) {
        return clusters.cluster(resource).settings();
    }

    private static String metadata() throws IOException {
        StringBuilder all = new StringBuilder();
        PropertiesTest.class.getClassLoader().resources(METADATA).forEach(url -> {
            try (InputStream stream = url.openStream()) {
                String text = new String(stream.readAllBytes(), StandardCharsets.UTF_8);
                if (text.contains("\"xds-lb.enabled\"")) {
                    all.append(text);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        return all.toString();
    }
}
