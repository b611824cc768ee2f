/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.test.DeclaredEndpoints;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.client.RestClient;

/** The sample as it is started with profile {@code premium}. */
class PremiumRoutingTest {
    private HttpServer gold;
    private HttpServer plain;

    @BeforeEach
    void startPods() throws IOException {
        gold = pod("gold");
        plain = pod("plain");
    }

    @AfterEach
    void stopPods() {
        gold.stop(0);
        plain.stop(0);
    }

    @Test
    void requestsOfPremiumCustomers_goToTheirPods() {
        DeclaredEndpoints endpoints = new DeclaredEndpoints();
        endpoints.declare(
                "orders.shop",
                List.of(
                        endpoint(gold).labels(Map.of("tier", "premium")).build(),
                        endpoint(plain).build()));
        try (ConfigurableApplicationContext sample = sample(endpoints)) {
            RestClient orders = sample.getBean(RestClient.Builder.class).build();
            for (int i = 0; i < 20; i++) {
                assertThat(orders.get()
                                .uri("http://orders/")
                                .header(PremiumFirst.HEADER, "premium")
                                .retrieve()
                                .body(String.class))
                        .isEqualTo("gold");
                assertThat(orders.get().uri("http://orders/").retrieve().body(String.class))
                        .isEqualTo("plain");
            }
        }
    }

    private static ConfigurableApplicationContext sample(EndpointSource endpoints) {
        return new SpringApplicationBuilder(SampleApplication.class)
                .profiles("premium")
                .initializers(context ->
                        ((GenericApplicationContext) context).registerBean(EndpointSource.class, () -> endpoints))
                .run("--server.port=0", "--spring.main.banner-mode=off");
    }

    private static HttpServer pod(String name) throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            byte[] body = name.getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static Endpoint.Builder endpoint(HttpServer pod) {
        return Endpoint.builder("127.0.0.1", pod.getAddress().getPort());
    }
}
