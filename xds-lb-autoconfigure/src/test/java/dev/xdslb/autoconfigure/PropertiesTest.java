/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.EjectionSettings;
import dev.xdslb.policy.ErrorBiasSettings;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.policy.SlowStartSettings;
import dev.xdslb.policy.ZoneSettings;
import dev.xdslb.policy.ZoneSettings.Affinity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.env.YamlPropertySourceLoader;
import org.springframework.core.env.PropertySource;
import org.springframework.core.io.ByteArrayResource;

/** What the properties mean. */
class PropertiesTest {
    @Test
    void nothingConfigured_isBalancedWithTheDefaults() {
        TestContexts.fedBy(new FakeEndpointSource()).run(context -> {
            ClusterSettings settings = settings(context.getBean(ClusterRegistry.class), "orders.shop");
            assertThat(settings.strategy().name()).isEqualTo("p2c-ewma");
            assertThat(settings.policy()).isEqualTo(PolicySettings.DEFAULT);
            assertThat(settings.initialFetchTimeout()).isEqualTo(ClusterSettings.DEFAULT_INITIAL_FETCH_TIMEOUT);
        });
    }

    @Test
    void clientsSettings_completeTheGeneralOnes() {
        FakeEndpointSource source = new FakeEndpointSource();
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.strategy=p2c-least-request",
                        "xds-lb.ejection.base-time=2s",
                        "xds-lb.ejection.tcp-health-check=false",
                        "xds-lb.clients.orders.strategy=round-robin",
                        "xds-lb.clients.orders.ejection.probe-budget=0.1",
                        "xds-lb.response-time=end",
                        "xds-lb.clients.orders.initial-fetch-timeout=1s",
                        "xds-lb.clients.orders.response-time=first-byte",
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
                    assertThat(orders.responseTime()).isEqualTo(TimedUntil.FIRST_BYTE);
                    assertThat(settings(clusters, "stock-v2.warehouse:grpc").responseTime())
                            .isEqualTo(TimedUntil.END);
                    assertThat(orders.policy().ejection())
                            .isEqualTo(new EjectionSettings(
                                    3, 0.5, 10, Duration.ofSeconds(2), Duration.ofSeconds(30), 0.5, 0.1, false));
                    assertThat(settings(clusters, "orders.shop:9090").strategy())
                            .isEqualTo(orders.strategy());
                    assertThat(settings(clusters, "orders.shop?protocol=grpc").strategy())
                            .isEqualTo(orders.strategy());
                    assertThat(settings(clusters, "orders.other").strategy().name())
                            .as("of another namespace")
                            .isEqualTo("p2c-least-request");
                });
    }

    @Test
    void clientWithoutSettings_isSubscribedTo() throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        PropertySource<?> yaml = yaml("""
                xds-lb:
                  clients:
                    orders: {}
                    stock:
                """);
        TestContexts.fedBy(source)
                .withInitializer(
                        context -> context.getEnvironment().getPropertySources().addLast(yaml))
                .run(context -> {
                    assertThat(context).hasNotFailed();
                    assertThat(source.subscribed()).containsExactlyInAnyOrder("orders.shop", "stock.shop");
                });
    }

    @Test
    void policies_areSetForAllServicesAndCompletedForOne() {
        TestContexts.fedBy(new FakeEndpointSource())
                .withPropertyValues(
                        "xds-lb.slow-start.window=1m",
                        "xds-lb.slow-start.aggression=2",
                        "xds-lb.error-bias.exponent=0",
                        "xds-lb.avoidance=3s",
                        "xds-lb.zones.affinity=forced",
                        "xds-lb.clients.orders.slow-start.min-share=0.2",
                        "xds-lb.clients.orders.slow-start.window=0",
                        "xds-lb.clients.orders.error-bias.exponent=2",
                        "xds-lb.clients.orders.avoidance=0",
                        "xds-lb.clients.orders.zones.min-local-endpoints=3")
                .run(context -> {
                    ClusterRegistry clusters = context.getBean(ClusterRegistry.class);
                    PolicySettings general = settings(clusters, "stock.shop").policy();
                    assertThat(general)
                            .isEqualTo(PolicySettings.DEFAULT
                                    .withSlowStart(new SlowStartSettings(Duration.ofMinutes(1), 0.1, 2))
                                    .withErrorBias(new ErrorBiasSettings(0, 0.01))
                                    .withAvoidance(Duration.ofSeconds(3))
                                    .withZones(new ZoneSettings(Affinity.FORCED, 1)));
                    assertThat(settings(clusters, "orders.shop").policy())
                            .isEqualTo(general.withSlowStart(new SlowStartSettings(Duration.ZERO, 0.2, 2))
                                    .withErrorBias(new ErrorBiasSettings(2, 0.01))
                                    .withAvoidance(Duration.ZERO)
                                    .withZones(new ZoneSettings(Affinity.FORCED, 3)));
                });
    }

    @Test
    void affinityOff_isUnderstoodAsYamlReadsIt() throws IOException {
        PropertySource<?> yaml = yaml("""
                xds-lb:
                  zones:
                    affinity: off
                """);
        TestContexts.fedBy(new FakeEndpointSource())
                .withInitializer(
                        context -> context.getEnvironment().getPropertySources().addLast(yaml))
                .run(context -> assertThat(settings(context.getBean(ClusterRegistry.class), "orders.shop")
                                .policy()
                                .zones()
                                .affinity())
                        .isEqualTo(Affinity.OFF));
    }

    private static PropertySource<?> yaml(String text) throws IOException {
        return new YamlPropertySourceLoader()
                .load("yaml", new ByteArrayResource(text.getBytes(StandardCharsets.UTF_8)))
                .get(0);
    }

    private static ClusterSettings settings(ClusterRegistry clusters, String resource) {
        return clusters.cluster(resource).settings();
    }
}
