/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.core.env.MapPropertySource;

/** Properties that change while the application runs, as a refresh of the context tells. */
@ExtendWith(OutputCaptureExtension.class)
class RefreshTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final Map<String, Object> changed = new HashMap<>();

    @Test
    void policyAndStrategy_areChangedLive_andTheLoadIsKept(CapturedOutput output) {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.strategy=p2c-ewma", "xds-lb.ejection.consecutive-failures=7")
                .run(context -> {
                    Cluster cluster = context.getBean(ClusterRegistry.class).cluster("orders.shop");
                    cluster.settled().toCompletableFuture().join();
                    Candidate candidate = cluster.picker().pick(RequestAttributes.NONE);
                    Lease lease = cluster.lease(candidate);

                    refresh(
                            context.getSourceApplicationContext(),
                            Map.of(
                                    "xds-lb.clients.orders.strategy", "round-robin",
                                    "xds-lb.ejection.consecutive-failures", "2",
                                    "xds-lb.clients.stock.ejection.max-share", "0"));

                    assertThat(cluster.settings().strategy().name()).isEqualTo("round-robin");
                    assertThat(cluster.settings().policy().ejection().consecutiveFailures())
                            .isEqualTo(2);
                    Candidate after = cluster.picker().pick(RequestAttributes.NONE);
                    assertThat(after.load()).isSameAs(candidate.load());
                    assertThat(after.load().inFlight()).isEqualTo(1);
                    assertThat(context.getBean(ClusterRegistry.class)
                                    .cluster("stock.shop")
                                    .settings()
                                    .policy()
                                    .ejection()
                                    .maxShare())
                            .isZero();
                    lease.end(Outcome.SUCCESS);
                });
        assertThat(warnings(output)).isEmpty();
        assertThat(output).doesNotContain("\tat ");
    }

    @Test
    void whatIsReadAtTheStartOnly_isSaidOnce(CapturedOutput output) {
        TestContexts.fedBy(source).run(context -> {
            Map<String, Object> properties = Map.of(
                    "xds-lb.control-plane.address", "elsewhere:18000",
                    "xds-lb.zone", "b",
                    "xds-lb.clients.orders.resource", "orders-v2");
            refresh(context.getSourceApplicationContext(), properties);
            refresh(context.getSourceApplicationContext(), properties);
        });
        assertThat(warnings(output))
                .hasSize(1)
                .first()
                .asString()
                .contains("[xds-lb.control-plane.*, xds-lb.zone, xds-lb.clients.orders.resource]");
    }

    @Test
    void valuesThatCannotWork_areRefusedAsAWhole(CapturedOutput output) {
        TestContexts.fedBy(source).run(context -> {
            Cluster cluster = context.getBean(ClusterRegistry.class).cluster("orders.shop");
            for (Map<String, Object> wrong : List.<Map<String, Object>>of(
                    Map.of("xds-lb.strategy", "round-robin", "xds-lb.ejection.max-share", "2"),
                    Map.of("xds-lb.strategy", "round-robin", "xds-lb.avoidance", "long"),
                    Map.of("xds-lb.strategy", "round-robin", "xds-lb.stratgey", "random"),
                    Map.of("xds-lb.strategy", "roundrobin"))) {
                refresh(context.getSourceApplicationContext(), wrong);
                assertThat(cluster.settings().strategy().name()).isEqualTo("p2c-ewma");
            }
            refresh(context.getSourceApplicationContext(), Map.of("xds-lb.strategy", "round-robin"));
            assertThat(cluster.settings().strategy().name()).isEqualTo("round-robin");
        });
        assertThat(warnings(output)).hasSize(4).allMatch(line -> line.contains("those from before stay in use"));
        assertThat(output).doesNotContain("\tat ");
    }

    @Test
    void whatWasWritten_winsOverThePolicyOfTheControlPlane_knobByKnob() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.ejection.base-time=2s",
                        "xds-lb.clients.stock.strategy=random",
                        "xds-lb.clients.stock.ejection.consecutive-failures=3")
                .run(context -> {
                    LiveClusters clusters = context.getBean(LiveClusters.class);
                    ServicePolicy policy = ServicePolicy.NONE
                            .withStrategy("round-robin")
                            .withEjection(new ServicePolicy.Ejection(
                                    9, null, null, Duration.ofSeconds(5), null, 0.2, null, null));
                    var orders = clusters.settings("orders.shop", policy);
                    assertThat(orders.strategy().name()).isEqualTo("round-robin");
                    assertThat(orders.policy().ejection().consecutiveFailures()).isEqualTo(9);
                    assertThat(orders.policy().ejection().baseTime()).isEqualTo(Duration.ofSeconds(2));
                    assertThat(orders.policy().ejection().maxShare()).isEqualTo(0.2);
                    var stock = clusters.settings("stock.shop", policy);
                    assertThat(stock.strategy().name()).isEqualTo("random");
                    assertThat(stock.policy().ejection().consecutiveFailures()).isEqualTo(3);
                    assertThat(clusters.settings("orders.shop", policy))
                            .as("asked again")
                            .isEqualTo(orders);
                    assertThat(clusters.settings("orders.shop", policy.withStrategy("ring-hash"))
                                    .strategy()
                                    .name())
                            .as("without a key")
                            .isEqualTo("p2c-ewma");
                    assertThat(clusters.settings("orders.shop", policy.withStrategy("nobody's"))
                                    .strategy()
                                    .name())
                            .isEqualTo("p2c-ewma");
                    assertThat(clusters.isConfigured("stock.shop")).isTrue();
                    assertThat(clusters.isConfigured("STOCK.shop")).isTrue();
                    assertThat(clusters.isConfigured("stock.shop:9999")).isFalse();
                    assertThat(clusters.isConfigured("orders.shop")).isFalse();
                });
    }

    @Test
    void timeThatTheControlPlaneSays_followsTheOtherOneThatIsWritten() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.ejection.max-time=20s", "xds-lb.clients.stock.ejection.base-time=15s")
                .run(context -> {
                    LiveClusters clusters = context.getBean(LiveClusters.class);
                    ServicePolicy policy = ServicePolicy.NONE.withEjection(new ServicePolicy.Ejection(
                            9, null, null, Duration.ofSeconds(60), Duration.ofSeconds(300), null, null, null));
                    var orders =
                            clusters.settings("orders.shop", policy).policy().ejection();
                    assertThat(orders.consecutiveFailures()).isEqualTo(9);
                    assertThat(orders.baseTime()).isEqualTo(Duration.ofSeconds(20));
                    assertThat(orders.maxTime()).isEqualTo(Duration.ofSeconds(20));
                    var stock = clusters.settings("stock.shop", policy).policy().ejection();
                    assertThat(stock.baseTime()).isEqualTo(Duration.ofSeconds(15));
                    assertThat(stock.maxTime()).isEqualTo(Duration.ofSeconds(20));
                });
    }

    @Test
    void longestTimeThatTheControlPlaneSays_isNotShorterThanTheFirstOneThatIsWritten() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.ejection.base-time=15s")
                .run(context -> {
                    ServicePolicy policy = ServicePolicy.NONE.withEjection(new ServicePolicy.Ejection(
                            9, null, null, Duration.ofSeconds(5), Duration.ofSeconds(10), null, null, null));
                    var orders = context.getBean(LiveClusters.class)
                            .settings("orders.shop", policy)
                            .policy()
                            .ejection();
                    assertThat(orders.consecutiveFailures()).isEqualTo(9);
                    assertThat(orders.baseTime()).isEqualTo(Duration.ofSeconds(15));
                    assertThat(orders.maxTime()).isEqualTo(Duration.ofSeconds(15));
                });
    }

    private void refresh(ConfigurableApplicationContext context, Map<String, Object> properties) {
        changed.clear();
        changed.putAll(properties);
        if (!context.getEnvironment().getPropertySources().contains("changed")) {
            context.getEnvironment().getPropertySources().addFirst(new MapPropertySource("changed", changed));
        }
        context.publishEvent(new EnvironmentChangeEvent(context, properties.keySet()));
    }

    private static List<String> warnings(CapturedOutput output) {
        return output.toString()
                .lines()
                .filter(line -> line.contains("WARN") || line.contains("ERROR"))
                .filter(line ->
                        !line.contains("net.devh")) // its starter names classes that Boot's actuator no longer has
                .collect(Collectors.toList());
    }
}
