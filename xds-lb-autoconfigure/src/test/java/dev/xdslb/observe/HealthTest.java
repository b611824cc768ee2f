/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import dev.xdslb.strategy.P2cEwma;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.actuate.endpoint.HealthEndpoint;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ApplicationContext;

/** What health says, of whom, and that it waits for nobody. */
class HealthTest {
    private static final String ORDERS = "orders.shop";

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void configuredServiceWithEndpoints_isUp() {
        source.publish(ORDERS, endpoint(1));
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    await().until(() -> health(context).getStatus().equals(Status.UP));
                    assertThat(service(health(context), ORDERS))
                            .containsEntry("status", "UP")
                            .containsEntry("from", "LIVE")
                            .containsEntry("endpoints", 1)
                            .containsEntry("eligible", 1)
                            .doesNotContainKey("reason");
                });
    }

    @Test
    void configuredServiceThatNobodyHasAnsweredFor_isUnknown_thenOutOfServiceWithTheReason() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.clients.orders.enabled=true",
                        "xds-lb.initial-fetch-timeout=1h",
                        "xds-lb.clients.stock.initial-fetch-timeout=100ms")
                .run(context -> {
                    await().until(() ->
                            service(health(context), "stock.shop").get("status").equals("OUT_OF_SERVICE"));
                    assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    assertThat(service(health(context), ORDERS)).containsEntry("status", "UNKNOWN");
                    source.publish("stock.shop", endpoint(1));
                    assertThat(health(context).getStatus()).isEqualTo(Status.UNKNOWN);
                    source.absent(ORDERS, "there is no Service orders in namespace shop");
                    assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
                    assertThat(service(health(context), ORDERS))
                            .extractingByKey("reason")
                            .asString()
                            .contains("there is no Service orders in namespace shop");
                });
    }

    @Test
    void configuredServiceWhosePodsAreNotReady_isOutOfService() {
        source.publish(
                ORDERS,
                Endpoint.builder("10.0.0.1", 8080)
                        .health(EndpointHealth.UNHEALTHY)
                        .build());
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    await().until(() -> health(context).getStatus().equals(Status.OUT_OF_SERVICE));
                    assertThat(service(health(context), ORDERS))
                            .containsEntry("endpoints", 1)
                            .containsEntry("eligible", 0)
                            .extractingByKey("reason")
                            .asString()
                            .contains("of 1 endpoints none is ready");
                });
    }

    @Test
    void serviceThatOnlyRequestsName_isShownAndChangesNothing() {
        TestContexts.fedBy(source).run(context -> {
            context.getBean(ClusterRegistry.class).cluster("made-up.by-somebody");
            assertThat(health(context).getStatus()).isEqualTo(Status.UP);
            assertThat(service(health(context), "made-up.by-somebody")).containsEntry("configured", false);
        });
    }

    @Test
    void thousandsOfServicesThatRequestsName_areNotAllShown_andConfiguredOnesAre() {
        source.publish(ORDERS, endpoint(1));
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    ClusterRegistry clusters = context.getBean(ClusterRegistry.class);
                    for (int i = 0; i < 500; i++) {
                        clusters.cluster("a-" + i + ".shop");
                    }
                    Health health = health(context);
                    assertThat(services(health))
                            .hasSize(XdsLbHealthIndicator.MAX_NAMED)
                            .containsKey(ORDERS);
                    assertThat(health.getDetails()).containsEntry("moreServices", 401);
                });
    }

    @Test
    void controlPlaneThatNeverAnswers_isTold_andHealthDoesNotWaitForIt() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress())) {
            TestContexts.application()
                    .withPropertyValues(
                            "xds-lb.control-plane.address=127.0.0.1:" + silent.getLocalPort(),
                            "xds-lb.initial-fetch-timeout=1h",
                            "xds-lb.clients.orders.enabled=true")
                    .run(context -> {
                        Health health = health(context); // would take an hour if it waited
                        assertThat(health.getStatus()).isEqualTo(Status.UNKNOWN);
                        assertThat(controlPlane(health))
                                .containsEntry("connected", false)
                                .containsKeys("since", "dataAge");
                    });
        }
    }

    @Test
    void controlPlaneThatIsAway_whileEndpointsAreHeld_isUpWithDetails() {
        source.publish(ORDERS, endpoint(1));
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    await().until(() -> health(context).getStatus().equals(Status.UP));
                    source.unreachable();
                    assertThat(health(context).getStatus()).isEqualTo(Status.UP);
                });
    }

    @Test
    void silentTick_isDown_andSaysForHowLong() {
        AtomicLong clock = new AtomicLong();
        ClusterRegistry clusters = ClusterRegistry.driven(
                source,
                resource -> ClusterSettings.of(new P2cEwma(new SplittableRandom(1))),
                clock::get,
                new SplittableRandom(1));
        XdsLbHealthIndicator indicator = new XdsLbHealthIndicator(clusters, Set::of, InstantSource.system());

        clock.addAndGet(XdsLbHealthIndicator.SILENT_TICK.toNanos());
        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
        clock.addAndGet(Duration.ofSeconds(1).toNanos());
        Health health = indicator.health();

        assertThat(health.getStatus()).isEqualTo(Status.DOWN);
        assertThat((String) health.getDetails().get("tick")).contains("11 s ago", "100 ms");
        clusters.tick();
        assertThat(indicator.health().getStatus()).isEqualTo(Status.UP);
    }

    @Test
    @SuppressWarnings("try") // it is there for as long as the block lasts
    void faultsOfForeignCode_areShown_andChangeNothing() {
        source.publish(ORDERS, endpoint(1));
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    Cluster orders = context.getBean(ClusterRegistry.class).cluster(ORDERS);
                    await().until(() -> !orders.endpoints().isEmpty());
                    try (Cluster.Registration registration = orders.onPublish(() -> {
                        throw new LinkageError("somebody's");
                    })) {
                        source.publish(ORDERS, endpoint(1), endpoint(2));
                        Health health = health(context);
                        assertThat(health.getStatus()).isEqualTo(Status.UP);
                        assertThat(health.getDetails().get("faults").toString())
                                .contains(ORDERS, "somebody's", "1 times");
                    }
                });
    }

    @Test
    void isInTheHealthEndpoint_andInTheReadinessGroupOnlyWhereAPropertySaysSo() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.clients.orders.enabled=true", "management.endpoint.health.probes.enabled=true")
                .run(context -> {
                    HealthEndpoint endpoint = context.getBean(HealthEndpoint.class);
                    assertThat(endpoint.healthForPath("xdsLb")).isNotNull();
                    assertThat(endpoint.healthForPath("readiness", "readinessState"))
                            .isNotNull();
                    assertThat(endpoint.healthForPath("readiness", "xdsLb")).isNull();
                });
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.clients.orders.enabled=true",
                        "management.endpoint.health.probes.enabled=true",
                        "management.endpoint.health.group.readiness.include=readinessState,xdsLb")
                .run(context -> assertThat(context.getBean(HealthEndpoint.class).healthForPath("readiness", "xdsLb"))
                        .isNotNull());
        TestContexts.fedBy(source)
                .withPropertyValues("management.health.xds-lb.enabled=false")
                .run(context -> assertThat(context).doesNotHaveBean(XdsLbHealthIndicator.class));
    }

    private static Endpoint endpoint(int i) {
        return Endpoint.builder("10.0.0." + i, 8080).build();
    }

    private static Health health(ApplicationContext context) {
        return context.getBean(XdsLbHealthIndicator.class).health();
    }

    private static Map<String, Object> service(Health health, String resource) {
        return services(health).get(resource);
    }

    @SuppressWarnings("unchecked") // as it was put there
    private static Map<String, Map<String, Object>> services(Health health) {
        return (Map<String, Map<String, Object>>) health.getDetails().get("services");
    }

    @SuppressWarnings("unchecked") // as it was put there
    private static Map<String, Object> controlPlane(Health health) {
        return (Map<String, Object>) health.getDetails().get("controlPlane");
    }
}
