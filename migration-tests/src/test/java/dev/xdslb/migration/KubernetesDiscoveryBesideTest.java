/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.migration;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.test.controlplane.ManifestControlPlane;
import io.fabric8.kubernetes.api.model.EndpointsBuilder;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.server.mock.EnableKubernetesMockClient;
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
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.context.ConfigurableApplicationContext;

/** An application that has the discovery of Spring Cloud Kubernetes, and adds the starter. */
@EnableKubernetesMockClient(crud = true)
@Timeout(120)
class KubernetesDiscoveryBesideTest {
    private static final String NO_CONTROL_PLANE = "xds-lb.control-plane.address=127.0.0.1:1";

    @TempDir
    private Path manifests;

    private KubernetesClient client;
    private NamedServer ofDiscovery;
    private NamedServer ofControlPlane;

    @BeforeEach
    void start() throws IOException {
        ofDiscovery = new NamedServer("of discovery");
        ofControlPlane = new NamedServer("of the control plane");
        register("orders");
        register("payments");
    }

    @AfterEach
    void stop() {
        ofDiscovery.close();
        ofControlPlane.close();
    }

    @Test
    void whileThereIsNoControlPlane_requestsGoWhereTheyWent() {
        try (ConfigurableApplicationContext context = application(NO_CONTROL_PLANE)) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of discovery");
            assertThat(Application.reactive(context, "payments")).isEqualTo("of discovery");
        }
    }

    @Test
    void serviceThatTheControlPlaneKnows_isIts_andTheOthersAreStillThoseOfDiscovery() throws IOException {
        Manifests.write(manifests, "orders", ofControlPlane.port());
        try (ManifestControlPlane controlPlane = ManifestControlPlane.serve(manifests);
                ConfigurableApplicationContext context =
                        application("xds-lb.control-plane.address=" + controlPlane.getAddress())) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of the control plane");
            assertThat(Application.blocking(context, "payments")).isEqualTo("of discovery");
            assertThat(context.getBean(DiscoveryClient.class)
                            .getInstances("orders")
                            .get(0)
                            .getPort())
                    .isEqualTo(ofDiscovery.port());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"xds-lb.enabled=false", "xds-lb.clients.orders.enabled=false"})
    void whatIsLeftToSpringCloud_goesWhereItWent(String property) {
        try (ConfigurableApplicationContext context = application(NO_CONTROL_PLANE, property)) {
            assertThat(Application.blocking(context, "orders")).isEqualTo("of discovery");
            assertThat(Application.reactive(context, "orders")).isEqualTo("of discovery");
        }
    }

    private ConfigurableApplicationContext application(String... properties) {
        return Application.start(
                List.of(
                        "spring.main.cloud-platform=kubernetes",
                        "spring.cloud.kubernetes.discovery.enabled=true",
                        "spring.cloud.kubernetes.client.namespace=shop",
                        "spring.cloud.kubernetes.client.master-url=" + client.getMasterUrl(),
                        "spring.cloud.kubernetes.client.trust-certs=true"),
                properties);
    }

    private void register(String service) {
        client.services()
                .inNamespace("shop")
                .resource(new ServiceBuilder()
                        .withNewMetadata()
                        .withName(service)
                        .withNamespace("shop")
                        .endMetadata()
                        .withNewSpec()
                        .addNewPort()
                        .withName("http")
                        .withPort(80)
                        .endPort()
                        .endSpec()
                        .build())
                .create();
        client.endpoints()
                .inNamespace("shop")
                .resource(new EndpointsBuilder()
                        .withNewMetadata()
                        .withName(service)
                        .withNamespace("shop")
                        .endMetadata()
                        .addNewSubset()
                        .addNewAddress()
                        .withIp("127.0.0.1")
                        .endAddress()
                        .addNewPort()
                        .withName("http")
                        .withPort(ofDiscovery.port())
                        .endPort()
                        .endSubset()
                        .build())
                .create();
    }
}
