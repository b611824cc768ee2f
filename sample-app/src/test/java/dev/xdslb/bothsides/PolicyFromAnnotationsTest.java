/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.bothsides;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServiceSnapshot;
import dev.xdslb.controlplane.ControlPlaneApplication;
import dev.xdslb.controlplane.ads.XdsServer;
import dev.xdslb.policy.ZoneSettings;
import dev.xdslb.xds.XdsClientSettings;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsNode;
import dev.xdslb.xds.XdsProtocol;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.context.ConfigurableApplicationContext;

/** From the annotations of a Service through the control plane to the client, and what they change while it runs. */
class PolicyFromAnnotationsTest {
    private static final String ORDERS = "orders.shop:8080";

    /** For a control plane that starts beside other builds. */
    private static final Duration PATIENCE = Duration.ofMinutes(1);

    @TempDir
    private Path manifests;

    @ParameterizedTest
    @EnumSource
    void annotations_becomeThePolicy_andFollowTheirChanges(XdsProtocol protocol) throws IOException {
        write("");
        AtomicReference<ServicePolicy> policy = new AtomicReference<>();
        List<Integer> endpoints = new CopyOnWriteArrayList<>();
        try (ConfigurableApplicationContext controlPlane = controlPlane();
                XdsEndpointSource client =
                        client(controlPlane.getBean(XdsServer.class).port(), protocol)) {
            client.subscribe(ORDERS, new EndpointSource.Watcher() {
                @Override
                public void onSnapshot(ServiceSnapshot snapshot) {
                    endpoints.add(snapshot.endpoints().endpoints().size());
                    policy.set(snapshot.policy());
                }

                @Override
                public void onAbsent(String reason) {
                    endpoints.add(-1);
                }

                @Override
                public void onUnavailable(String reason) {
                    endpoints.add(-2);
                }
            });
            await().atMost(PATIENCE)
                    .until(() -> client.status().policies().stream()
                            .anyMatch(resource -> !resource.version().isEmpty()));
            await().atMost(PATIENCE).until(() -> endpoints.contains(2));
            endpoints.clear(); // before the first, the control plane may have had to be asked again
            assertThat(policy.get()).as("no annotation, no policy").isEqualTo(ServicePolicy.NONE);

            write("""
                      annotations:
                        xdslb.dev/strategy: ring-hash
                        xdslb.dev/slow-start: 90s
                        xdslb.dev/max-in-flight-per-endpoint: "7"
                        xdslb.dev/max-in-flight: "70"
                        xdslb.dev/ejection-consecutive-failures: "9"
                        xdslb.dev/ejection-interval: 5s
                        xdslb.dev/zone-affinity: forced
                        xdslb.dev/panic-threshold: "0.3"
                        xdslb.dev/hash-key: header:x-user
                        xdslb.dev/subset-from: cookie:shard
                        xdslb.dev/retry-budget-window: 20s
                        xdslb.dev/avoidance: 250ms
                        xdslb.dev/failure-statuses: none
                        xdslb.dev/hash-ring-size: many
                    """);
            await().atMost(PATIENCE).until(() -> !policy.get().equals(ServicePolicy.NONE));
            assertThat(policy.get().strategy()).isEqualTo("ring-hash");
            assertThat(policy.get().slowStart().window()).hasSeconds(90);
            assertThat(policy.get().limits()).isEqualTo(new ServicePolicy.Limits(7, 70));
            assertThat(policy.get().ejection().consecutiveFailures()).isEqualTo(9);
            assertThat(policy.get().zones().affinity()).isEqualTo(ZoneSettings.Affinity.FORCED);
            assertThat(policy.get().panicThreshold()).isEqualTo(0.3);
            assertThat(policy.get().hash().key()).isEqualTo("header:x-user");
            assertThat(policy.get().hash().ringSize()).as("a bad value is none").isNull();
            assertThat(policy.get().subset().from()).isEqualTo("cookie:shard");
            assertThat(policy.get().retryBudget().window()).hasSeconds(20);
            assertThat(policy.get().avoidance()).hasMillis(250);
            assertThat(policy.get().failureStatuses().ranges()).isEmpty();

            write("");
            await().atMost(PATIENCE).until(() -> policy.get().equals(ServicePolicy.NONE));
            assertThat(endpoints).containsOnly(2);
            assertThat(client.status().traffic().rejected()).isZero();
        }
    }

    private ConfigurableApplicationContext controlPlane() {
        return ControlPlaneApplication.builder()
                .registerShutdownHook(false)
                .run(
                        "--server.address=127.0.0.1",
                        "--server.port=0",
                        "--server.shutdown=immediate",
                        "--xds-lb.control-plane.address=127.0.0.1",
                        "--xds-lb.control-plane.port=0",
                        "--xds-lb.control-plane.source=manifests",
                        "--xds-lb.control-plane.manifests.directory=" + manifests);
    }

    private static XdsEndpointSource client(int port, XdsProtocol protocol) {
        return new XdsEndpointSource(
                XdsClientSettings.builder("127.0.0.1:" + port, XdsNode.ofThisProcess("web", "shop", "", ""))
                        .protocol(protocol)
                        .backOff(Duration.ofMillis(10), Duration.ofMillis(50))
                        .build());
    }

    private void write(String annotations) throws IOException {
        Files.writeString(manifests.resolve("orders.yaml"), """
                apiVersion: v1
                kind: Service
                metadata:
                  name: orders
                  namespace: shop
                """ + annotations.indent(0) + """
                spec:
                  ports:
                    - {name: http, port: 8080}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: orders-1
                  namespace: shop
                  labels: {kubernetes.io/service-name: orders}
                addressType: IPv4
                ports:
                  - {name: http, port: 8080}
                endpoints:
                  - {addresses: [10.0.0.1], conditions: {ready: true}}
                  - {addresses: [10.0.0.2], conditions: {ready: true}}
                """);
    }
}
