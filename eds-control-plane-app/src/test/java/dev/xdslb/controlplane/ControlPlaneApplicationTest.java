/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.ads.Lookup;
import dev.xdslb.controlplane.ads.ResourceStore;
import dev.xdslb.controlplane.kubernetes.ApiConnection;
import dev.xdslb.controlplane.resource.TopologyResourceStore;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.diagnostics.FailureAnalysis;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.ConfigurableApplicationContext;

@ExtendWith(OutputCaptureExtension.class)
class ControlPlaneApplicationTest {

    private static final String ORDERS = """
            apiVersion: v1
            kind: Service
            metadata: {name: orders, namespace: shop, annotations: {xdslb.dev/slow-start: 90s}}
            spec: {ports: [{name: http, port: 8080}]}
            ---
            apiVersion: discovery.k8s.io/v1
            kind: EndpointSlice
            metadata: {name: orders-1, namespace: shop, labels: {kubernetes.io/service-name: orders}}
            addressType: IPv4
            ports: [{name: http, port: 18081}]
            endpoints:
            - {addresses: [127.0.0.1], zone: zone-a, targetRef: {kind: Pod, name: orders-1}}
            - {addresses: [pod-2.local]}
            """;

    @TempDir
    private Path directory;

    @Test
    void kubeconfigThatCannotBeUsed_isExplained() {
        Config config =
                new ConfigBuilder(Config.empty()).withClientKeyFile("/none").build();
        Throwable failure = catchThrowable(() -> ApiConnection.of(config));

        FailureAnalysis analysis =
                new UnusableKubeconfigFailureAnalyzer().analyze(new IllegalStateException("no bean", failure));

        assertThat(analysis.getDescription()).contains("client-key /none cannot be read");
        assertThat(analysis.getAction()).contains("KUBECONFIG");
    }

    @Test
    void manifestsAreServed_andShownWithWhatIsNot() throws Exception {
        Files.writeString(directory.resolve("orders.yaml"), ORDERS);
        Files.writeString(directory.resolve("carts.yaml"), ORDERS.replace("orders", "carts"));
        try (ConfigurableApplicationContext context = run("--xds-lb.control-plane.manifests.directory=" + directory)) {
            ResourceStore store = context.getBean(ResourceStore.class);
            await().until(store::isSynced);

            assertThat(store.lookup(
                            TopologyResourceStore.ENDPOINTS,
                            "orders.shop:8080",
                            new ClientVariant(ClientVariant.Family.XDS_LB, "shop")))
                    .isInstanceOf(Lookup.Found.class);
            assertThat(get(context, "/debug/endpoints").body())
                    .contains("\"service\":\"orders.shop\"", "\"service\":\"carts.shop\"", "pod-2.local");
            assertThat(get(context, "/debug/endpoints?service=orders.shop").body())
                    .contains(
                            "\"policy\":{\"slow-start\":\"PT1M30S\"}",
                            "\"resource\":\"orders.shop:8080\"",
                            "\"address\":\"127.0.0.1:18081\"",
                            "\"health\":\"ready\"",
                            "\"zone\":\"zone-a\"",
                            "\"pod\":\"orders-1\"",
                            "\"weight\":1")
                    .doesNotContain("\"service\":\"carts.shop\"");
            assertThat(context.getBeanProvider(KubernetesClient.class).getIfAvailable())
                    .isNull();
        }
    }

    @Test
    void readyOnlyOnceSynced_aliveFromTheStart() throws Exception {
        Files.writeString(directory.resolve("orders.yaml"), "{");
        try (ConfigurableApplicationContext context = run("--xds-lb.control-plane.manifests.directory=" + directory)) {
            assertThat(get(context, "/actuator/health/liveness").statusCode()).isEqualTo(200);
            await().untilAsserted(() -> {
                HttpResponse<String> readiness = get(context, "/actuator/health/readiness");
                assertThat(readiness.statusCode()).isEqualTo(503);
                assertThat(readiness.body()).contains("orders.yaml, line 1: is not YAML");
            });

            Files.writeString(directory.resolve("orders.yaml"), ORDERS);

            await().untilAsserted(() -> assertThat(
                            get(context, "/actuator/health/readiness").statusCode())
                    .isEqualTo(200));
        }
    }

    @Test
    void apiServerThatCannotBeReached_keepsItUnready_notFromStarting() throws Exception {
        try (ConfigurableApplicationContext context = run(
                "--xds-lb.control-plane.source=kubernetes",
                "--spring.cloud.kubernetes.client.master-url=http://127.0.0.1:1/")) {
            assertThat(context.getBean(KubernetesClient.class).getMasterUrl()).hasToString("http://127.0.0.1:1/");
            assertThat(get(context, "/actuator/health/readiness").statusCode()).isEqualTo(503);
            assertThat(get(context, "/actuator/health/liveness").statusCode()).isEqualTo(200);
            assertThat(get(context, "/debug/endpoints").body()).contains("not watched at the moment");
        }
    }

    @Test
    void missingFolder_isSaidWithPropertyAndPath(CapturedOutput output) {
        Path missing = directory.resolve("nowhere");

        assertThatThrownBy(() -> run("--xds-lb.control-plane.manifests.directory=" + missing))
                .isNotNull();

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "xds-lb.control-plane.manifests.directory")
                .contains("there is no folder " + missing.toAbsolutePath());
    }

    @Test
    void sourceManifestsWithoutAFolder_isSaid(CapturedOutput output) {
        assertThatThrownBy(() -> run("--xds-lb.control-plane.source=manifests")).isNotNull();

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "it is needed with xds-lb.control-plane.source=manifests");
    }

    @Test
    void unknownSource_isSaidWithThoseThatExist(CapturedOutput output) {
        assertThatThrownBy(() -> run("--xds-lb.control-plane.source=consul")).isNotNull();

        assertThat(output)
                .contains("APPLICATION FAILED TO START", "xds-lb.control-plane.source", "consul")
                .contains("KUBERNETES", "MANIFESTS");
    }

    @ParameterizedTest
    @CsvSource({
        "mass-not-ready.share=1.5, 'share: 1.5 (expected: above 0, and at most 1 for never)'",
        "mass-not-ready.hold=-1s, 'hold: PT-1S (expected: 0 or more)'",
        "peers=eds-control-plane, 'expected: <service>.<namespace>'"
    })
    void settingThatCannotBeUsed_isSaidWithWhatIsExpected(String setting, String expected, CapturedOutput output) {
        assertThatThrownBy(() -> run(
                        "--xds-lb.control-plane.manifests.directory=" + directory, "--xds-lb.control-plane." + setting))
                .isNotNull();

        assertThat(output).contains("APPLICATION FAILED TO START", expected);
    }

    @Test
    void otherReplicas_areAskedWhereTheirServiceIsNamed() throws Exception {
        try (ConfigurableApplicationContext context = run(
                "--xds-lb.control-plane.manifests.directory=" + directory,
                "--xds-lb.control-plane.peers=eds-control-plane.xds-lb")) {
            assertThat(context.getBean(StaleReplica.class).isRunning()).isTrue();
            assertThat(context.getBean(StaleReplica.class).fresher()).isNull();
        }
    }

    @Test
    void portOutOfRange_isSaid(CapturedOutput output) {
        assertThatThrownBy(() -> run(
                        "--xds-lb.control-plane.manifests.directory=" + directory, "--xds-lb.control-plane.port=70000"))
                .isNotNull();

        assertThat(output).contains("APPLICATION FAILED TO START", "port", "70000", "65535");
    }

    /** Some such mistakes would leave the port open to everybody, and nothing would tell. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            server.client-auth             | server: client-status, drain, max-connection-age, new-streams-per-second, requests-per-second, ssl.
            gateway-api.identities[0].name | gateway-api.identities[0]: gateway, san.
            gateway-api.enbled             | gateway-api: addresses, enabled, identities,
            """)
    void misspeltProperty_endsTheStart(String name, String expected) {
        Throwable failure = catchThrowable(() -> run(
                "--xds-lb.control-plane.manifests.directory=" + directory, "--xds-lb.control-plane." + name + "=true"));

        FailureAnalysis analysis = new UnknownPropertyFailureAnalyzer().analyze(failure);
        assertThat(analysis.getDescription())
                .startsWith("xds-lb.control-plane." + name + " is no property of the control plane (");
        assertThat(analysis.getAction()).startsWith("Expected below xds-lb.control-plane." + expected);
    }

    /** Where anybody looks first; what else it has is in a file of another name, so that it can be a part of another application. */
    @Test
    void programOfItsOwn_readsApplicationYml() throws Exception {
        Files.writeString(
                directory.resolve("application.yml"), "xds-lb.control-plane.manifests.directory: " + directory);
        Files.writeString(directory.resolve("orders.yaml"), ORDERS);
        try (ConfigurableApplicationContext context = ControlPlaneApplication.program()
                .run(
                        "--server.port=0",
                        "--xds-lb.control-plane.port=0",
                        "--spring.config.additional-location=file:" + directory + "/")) {
            await().until(context.getBean(ResourceStore.class)::isSynced);
            assertThat(get(context, "/debug/endpoints").body()).contains("\"service\":\"orders.shop\"");
            assertThat(context.getEnvironment().getProperty("spring.application.name"))
                    .isEqualTo("eds-control-plane");
        }
    }

    private static ConfigurableApplicationContext run(String... arguments) {
        List<String> all = new ArrayList<>(List.of("--server.port=0"));
        if (Stream.of(arguments).noneMatch(argument -> argument.contains("control-plane.port"))) {
            all.add("--xds-lb.control-plane.port=0");
        }
        all.addAll(List.of(arguments));
        return ControlPlaneApplication.builder().run(all.toArray(String[]::new));
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
