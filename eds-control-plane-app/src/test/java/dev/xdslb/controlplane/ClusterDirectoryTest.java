/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.fault.Faults;
import dev.xdslb.controlplane.topology.ClusterView;
import dev.xdslb.controlplane.topology.EndpointView;
import dev.xdslb.controlplane.topology.ServiceKey;
import dev.xdslb.controlplane.topology.ServiceView;
import dev.xdslb.controlplane.topology.Topology;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

/** Several Kubernetes clusters in one control plane, from the configuration to the debug views. */
@ExtendWith(OutputCaptureExtension.class)
class ClusterDirectoryTest {

    private static final ServiceKey ORDERS = new ServiceKey("shop", "orders");

    private static final String KUBECONFIG = """
            apiVersion: v1
            kind: Config
            current-context: a
            contexts: [{name: a, context: {cluster: a, user: a}}]
            clusters: [{name: a, cluster: {server: "http://127.0.0.1:%d"}}]
            users: [{name: a, user: {%s}}]
            """;

    @TempDir
    private Path root;

    private Path own;
    private Path clusters;

    @BeforeEach
    void folders() throws IOException {
        own = Files.createDirectory(root.resolve("own"));
        clusters = Files.createDirectory(root.resolve("clusters"));
        Files.writeString(own.resolve("orders.yaml"), orders("10.1.0.1"));
    }

    @Test
    void clustersComeAndGo_withTheFolder() throws Exception {
        addManifests("east", "10.2.0.1");
        try (ConfigurableApplicationContext context = run("--xds-lb.control-plane.keep-removed=100ms")) {
            Topology topology = context.getBean(Topology.class);
            awaitAddresses(topology, "10.1.0.1", "10.2.0.1");

            addManifests("west", "10.3.0.1");
            awaitAddresses(topology, "10.1.0.1", "10.2.0.1", "10.3.0.1");
            assertThat(get(context, "/debug/clusters").body())
                    .contains("\"name\":\"default\",\"required\":true,\"state\":\"synced\"")
                    .contains("\"name\":\"west\",\"required\":false,\"state\":\"synced\"", "\"served\":true");
            assertThat(context.getBean(MeterRegistry.class)
                            .get("xdslb.cluster.state")
                            .tags("cluster", "west", "state", "synced")
                            .gauge()
                            .value())
                    .isEqualTo(1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("xdslb.cluster.age")
                            .tag("cluster", "west")
                            .timeGauge()
                            .value())
                    .isLessThan(60);

            Files.delete(clusters.resolve("east").resolve("orders.yaml"));
            Files.delete(clusters.resolve("east"));
            awaitAddresses(topology, "10.1.0.1", "10.3.0.1");
            await().until(() -> topology.clusters().size() == 2);
        }
    }

    @Test
    void optionalClusterThatIsDead_delaysTheFirstStateNoLongerThanTheTimeout() throws Exception {
        Files.writeString(clusters.resolve("dead.kubeconfig"), KUBECONFIG.formatted(1, "token: x"));
        try (ConfigurableApplicationContext context = run("--xds-lb.control-plane.sync-timeout=1s")) {
            Topology topology = context.getBean(Topology.class);
            awaitAddresses(topology, "10.1.0.1");

            assertThat(topology.clusters())
                    .filteredOn(view -> view.name().value().equals("dead"))
                    .singleElement()
                    .satisfies(view -> assertThat(view.state()).isEqualTo(ClusterView.State.TIMED_OUT));
            HttpResponse<String> readiness = get(context, "/actuator/health/readiness");
            assertThat(readiness.statusCode()).isEqualTo(200);
            assertThat(readiness.body()).contains("dead: not watched at the moment");
        }
    }

    @Test
    void kubeconfigThatCannotBeUsed_changesNothing_isSaid_andUsedOnceItCan(CapturedOutput output) throws Exception {
        Files.writeString(clusters.resolve("empty.kubeconfig"), "");
        Files.writeString(clusters.resolve("broken.kubeconfig"), "{");
        Files.writeString(clusters.resolve("default"), KUBECONFIG.formatted(1, "token: x"));
        Files.writeString(
                clusters.resolve("program.kubeconfig"),
                KUBECONFIG.formatted(1, "exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/false}"));
        try (ConfigurableApplicationContext context = run()) {
            Topology topology = context.getBean(Topology.class);
            awaitAddresses(topology, "10.1.0.1");
            assertThat(topology.clusters()).hasSize(1);
            assertThat(output)
                    .contains("empty.kubeconfig is empty", "is known by a program that would run here")
                    .contains("there is another Kubernetes cluster default already");
            assertThat(get(context, "/actuator/health/readiness").body()).contains("program.kubeconfig");

            Files.writeString(clusters.resolve("program.kubeconfig"), KUBECONFIG.formatted(1, "token: x"));
            await().until(() -> topology.clusters().size() == 2);
        }
    }

    @Test
    void clustersOfTheConfiguration_areOfOneName_andOneSource(CapturedOutput output) {
        assertThatThrownBy(() -> run(
                        "--xds-lb.control-plane.clusters[0].name=default",
                        "--xds-lb.control-plane.clusters[0].manifests.directory=" + own))
                .isNotNull();
        assertThat(output).contains("another Kubernetes cluster has this name already");

        assertThatThrownBy(() -> run("--xds-lb.control-plane.clusters[0].name=east"))
                .isNotNull();
        assertThat(output).contains("it needs either kubeconfig or manifests.directory");
    }

    @Test
    void requiredClusterOfTheConfiguration_isWaitedFor() throws Exception {
        try (ConfigurableApplicationContext context = run(
                "--xds-lb.control-plane.sync-timeout=1ms",
                "--xds-lb.control-plane.clusters[0].name=east",
                "--xds-lb.control-plane.clusters[0].required=true",
                "--xds-lb.control-plane.clusters[0].kubeconfig="
                        + Files.writeString(root.resolve("east"), KUBECONFIG.formatted(1, "token: x")))) {
            Topology topology = context.getBean(Topology.class);
            await().until(() ->
                    topology.clusters().stream().anyMatch(view -> view.state() == ClusterView.State.SYNCED));
            assertThat(topology.isSynced()).isFalse();
            assertThat(get(context, "/actuator/health/readiness").statusCode()).isEqualTo(503);
        }
    }

    @Test
    void threadThatIsNotHeardFrom_isNotReady_andFaultsAreShownAndCounted() throws Exception {
        try (ConfigurableApplicationContext context = run()) {
            Faults faults = context.getBean(Faults.class);
            await().until(context.getBean(Topology.class)::isSynced);
            faults.boundary("some place").failed("orders", new StackOverflowError());
            HttpResponse<String> ready = get(context, "/actuator/health/readiness");
            assertThat(ready.statusCode()).isEqualTo(200);
            assertThat(ready.body()).contains("some place: orders since", "java.lang.StackOverflowError");
            assertThat(context.getBean(MeterRegistry.class)
                            .get("xdslb.control-plane.faults")
                            .tag("place", "some place")
                            .functionCounter()
                            .count())
                    .isEqualTo(1);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("xdslb.control-plane.silent-threads")
                            .gauge()
                            .value())
                    .isZero();

            // As if a thread had ended in spite of all.
            Thread ended = new Thread(() -> {});
            ended.start();
            ended.join();
            faults.pulse("another thread").of(ended);

            HttpResponse<String> readiness = get(context, "/actuator/health/readiness");
            assertThat(readiness.statusCode()).isEqualTo(503);
            assertThat(readiness.body()).contains("another thread: has ended");
        }
    }

    private ConfigurableApplicationContext run(String... more) {
        List<String> all = new ArrayList<>(List.of(
                "--server.port=0",
                "--xds-lb.control-plane.port=0",
                "--xds-lb.control-plane.manifests.directory=" + own,
                "--xds-lb.control-plane.clusters-directory=" + clusters));
        all.addAll(List.of(more));
        return ControlPlaneApplication.builder().run(all.toArray(String[]::new));
    }

    private void addManifests(String cluster, String address) throws IOException {
        Path folder = Files.createDirectory(clusters.resolve(cluster));
        Files.writeString(folder.resolve("orders.yaml"), orders(address));
    }

    private static String orders(String address) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: orders, namespace: shop}
                spec: {ports: [{name: http, port: 8080}]}
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata: {name: orders-1, namespace: shop, labels: {kubernetes.io/service-name: orders}}
                addressType: IPv4
                ports: [{name: http, port: 8080}]
                endpoints: [{addresses: [%s]}]
                """.formatted(address);
    }

    private static void awaitAddresses(Topology topology, String... expected) {
        await().untilAsserted(() -> {
            ServiceView view = topology.service(ORDERS);
            assertThat(view).isNotNull();
            assertThat(view.ports().get(0).endpoints())
                    .extracting(EndpointView::address)
                    .containsExactly(expected);
        });
    }

    private static HttpResponse<String> get(ConfigurableApplicationContext context, String path)
            throws IOException, InterruptedException {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }
}
