/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.migration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.test.controlplane.ManifestControlPlane;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.consul.discovery.ConsulDiscoveryClient;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that finds its services by Consul, and adds the starter. */
@Timeout(120)
class ConsulBesideTest {
    private static final String NO_CONTROL_PLANE = "xds-lb.control-plane.address=127.0.0.1:1";

    @TempDir
    private Path manifests;

    private NamedServer ofConsul;
    private NamedServer ofKubernetes;
    private FakeConsul consul;

    @BeforeEach
    void start() throws IOException {
        ofConsul = new NamedServer("of Consul");
        ofKubernetes = new NamedServer("of Kubernetes");
        consul = new FakeConsul();
        consul.register("orders", ofConsul.port());
        consul.register("payments", ofConsul.port());
        consul.register("billing.v2.eu", ofConsul.port());
    }

    @AfterEach
    void stop() {
        consul.close();
        ofConsul.close();
        ofKubernetes.close();
    }

    @Test
    void whileThereIsNoControlPlane_requestsGoWhereTheyWent() {
        try (ConfigurableApplicationContext context = application(NO_CONTROL_PLANE)) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of Consul");
            assertThat(Application.reactive(context, "payments")).isEqualTo("of Consul");
        }
    }

    @Test
    void serviceThatTheControlPlaneKnows_isIts_andTheOthersAreStillConsuls() throws IOException {
        Manifests.write(manifests, "orders", ofKubernetes.port());
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(manifests);
                ConfigurableApplicationContext context =
                        application("xds-lb.control-plane.address=" + controlPlane.getAddress())) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of Kubernetes");
            assertThat(Application.blocking(context, "payments")).isEqualTo("of Consul");
            assertThat(Application.reactive(context, "payments")).isEqualTo("of Consul");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xds-lb.enabled=false", "xds-lb.clients.orders.enabled=false"})
    void whatIsLeftToSpringCloud_goesWhereItWent(String property) throws IOException {
        Manifests.write(manifests, "orders", ofKubernetes.port());
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(manifests);
                ConfigurableApplicationContext context =
                        application("xds-lb.control-plane.address=" + controlPlane.getAddress(), property)) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of Consul");
            assertThat(Application.reactive(context, "orders")).isEqualTo("of Consul");
        }
    }

    @Test
    void whoAsksTheDiscoveryClient_hearsWhatHeHeard() throws IOException {
        Manifests.write(manifests, "orders", ofKubernetes.port());
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(manifests);
                ConfigurableApplicationContext context =
                        application("xds-lb.control-plane.address=" + controlPlane.getAddress())) {
            DiscoveryClient client = context.getBean(DiscoveryClient.class);

            assertThat(context.getBean(ConsulDiscoveryClient.class).getServices())
                    .contains("orders", "payments");
            assertThat(client.getServices()).contains("orders", "payments");
            ServiceInstance instance = client.getInstances("orders").get(0);
            assertThat(instance.getPort()).isEqualTo(ofConsul.port());
            assertThat(instance.getMetadata()).containsEntry("version", "7");
        }
    }

    @Test
    void nameThatIsNoKubernetesName_isConsuls_whereItIsLeftToSpringCloud() {
        try (ConfigurableApplicationContext context = application(NO_CONTROL_PLANE)) {
            assertThatThrownBy(() -> Application.blocking(context, "billing.v2.eu"))
                    .hasMessageContaining("xds-lb.clients.[billing.v2.eu].resource");
        }
        try (ConfigurableApplicationContext context =
                application(NO_CONTROL_PLANE, "xds-lb.clients.[billing.v2.eu].enabled=false")) {
            assertThat(Application.blocking(context, "billing.v2.eu")).isEqualTo("of Consul");
        }
    }

    @Test
    void withReactiveDiscoveryAlone_requestsGoWhereTheyWent() {
        try (ConfigurableApplicationContext context =
                application(NO_CONTROL_PLANE, "spring.cloud.discovery.blocking.enabled=false")) {
            assertThat(Application.reactive(context, "orders")).isEqualTo("of Consul");
        }
    }

    private ConfigurableApplicationContext application(String... properties) {
        return Application.start(
                List.of(
                        "spring.cloud.consul.enabled=true",
                        "spring.cloud.consul.host=127.0.0.1",
                        "spring.cloud.consul.port=" + consul.port(),
                        "spring.cloud.consul.config.enabled=false"),
                properties);
    }
}
