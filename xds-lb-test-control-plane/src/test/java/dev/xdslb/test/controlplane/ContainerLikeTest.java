/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.autoconfigure.XdsLbConnectionDetails;
import dev.xdslb.cluster.ClusterRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A control plane that somebody else has started, of which a bean knows the port. */
@SpringBootTest(webEnvironment = WebEnvironment.NONE, properties = "xds-lb.control-plane.address=127.0.0.1:1")
@Timeout(120)
class ContainerLikeTest {
    @TempDir
    static Path manifests;

    @Autowired
    private ClusterRegistry registry;

    @BeforeAll
    static void writeManifests() throws IOException {
        Files.writeString(manifests.resolve("orders.yaml"), CheckoutWithControlPlaneTest.service("orders", 8080));
    }

    @Test
    void bean_saysWhereTheControlPlaneIs() {
        await().atMost(Duration.ofSeconds(60))
                .untilAsserted(() ->
                        assertThat(registry.cluster("orders.shop").endpoints()).hasSize(1));
    }

    /** As Testcontainers' GenericContainer reads. */
    record ControlPlaneContainer(ManifestControlPlane started) implements AutoCloseable {
        String getHost() {
            return "127.0.0.1";
        }

        int getMappedPort(int ignoredPort) {
            String address = started.getAddress();
            return Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        }

        @Override
        public void close() {
            started.close();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        ControlPlaneContainer container() {
            return new ControlPlaneContainer(ManifestControlPlane.serve(manifests));
        }

        @Bean
        XdsLbConnectionDetails controlPlane(ControlPlaneContainer container) {
            return () -> container.getHost() + ":" + container.getMappedPort(18000);
        }
    }
}
