/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.test.SentRequests;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** An application that is fed by a real control plane, which serves the test's manifests. */
@SpringBootTest(webEnvironment = WebEnvironment.NONE)
@Timeout(120)
class CheckoutWithControlPlaneTest {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    static Path manifests;

    private static HttpServer server;

    @Autowired
    private RestClient.Builder clients;

    @Autowired
    private ClusterRegistry registry;

    @Autowired
    private ManifestControlPlane controlPlane;

    @Autowired
    private ApplicationContext context;

    @BeforeAll
    static void writeManifests() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = "orders".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        write(
                manifests.resolve("orders.yaml"),
                service("orders", server.getAddress().getPort()));
    }

    @AfterAll
    static void stop() {
        server.stop(0);
    }

    @Test
    void requestsGoToWhatTheManifestsSay() {
        SentRequests requests = SentRequests.to(registry, "orders.shop");

        String answer = clients.build().get().uri("http://orders/").retrieve().body(String.class);

        assertThat(answer).isEqualTo("orders");
        assertThat(requests)
                .wentOnlyTo("127.0.0.1:" + server.getAddress().getPort())
                .haveEnded();
        assertThat(registry.source().description()).contains(controlPlane.getAddress());
    }

    @Test
    void changeOfTheManifests_isFollowed() throws IOException {
        RestClient client = clients.build();
        assertThatThrownBy(() -> client.get().uri("http://payments/").retrieve().body(String.class))
                .hasStackTraceContaining("payments");

        write(
                manifests.resolve("payments.yaml"),
                service("payments", server.getAddress().getPort()));

        // The name as the client has it: another spelling of it is another cluster, which may be told a moment earlier.
        await().atMost(PATIENCE)
                .untilAsserted(() ->
                        assertThat(registry.cluster("payments").endpoints()).hasSize(1));
        assertThat(client.get().uri("http://payments/").retrieve().body(String.class))
                .isEqualTo("orders");
    }

    @Test
    void webServerOfTheControlPlane_isNotInTheApplication() {
        assertThat(context.containsBean("xdsServer")).isFalse();
        assertThat(context.getBeansOfType(EndpointSource.class)).hasSize(1);
        assertThat(context.getClass().getSimpleName()).doesNotContain("Web");
    }

    private static void write(Path file, String text) throws IOException {
        Path draft = Files.writeString(file.resolveSibling(file.getFileName() + ".draft"), text);
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    static String service(String name, int port) {
        return """
                apiVersion: v1
                kind: Service
                metadata: {name: %1$s, namespace: shop}
                spec:
                  ports: [{name: http, port: 8080}]
                ---
                apiVersion: discovery.k8s.io/v1
                kind: EndpointSlice
                metadata:
                  name: %1$s-1
                  namespace: shop
                  labels: {kubernetes.io/service-name: %1$s}
                addressType: IPv4
                ports: [{name: http, port: %2$d}]
                endpoints:
                  - addresses: [127.0.0.1]
                    conditions: {ready: true}
                """.formatted(name, port);
    }

    @TestConfiguration(proxyBeanMethods = false)
    static class Cluster {
        @Bean
        ManifestControlPlane controlPlane() {
            return ManifestControlPlane.serve(manifests);
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Checkout {
        @Bean
        @LoadBalanced
        RestClient.Builder clients() {
            return RestClient.builder();
        }
    }
}
