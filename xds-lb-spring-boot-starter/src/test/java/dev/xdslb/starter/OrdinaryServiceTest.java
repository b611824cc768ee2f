/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.ClusterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** A web service that has the starter and nothing else of this project. */
@ExtendWith(OutputCaptureExtension.class)
class OrdinaryServiceTest {

    @Test
    void startsWithoutAWarning_butForTheControlPlaneThatIsAwayAndTheFirstRequestThatFailsForIt(CapturedOutput output)
            throws IOException {
        String address;
        try (ServerSocket socket = new ServerSocket(0)) {
            address = "127.0.0.1:" + socket.getLocalPort();
        }
        try (ConfigurableApplicationContext context = SpringApplication.run(
                Service.class,
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--spring.cloud.gateway.server.webflux.enabled=false", // on the class path for other tests
                "--eureka.client.enabled=false",
                "--xds-lb.control-plane.address=" + address,
                "--xds-lb.clients.orders.resource=orders.shop")) {
            await().until(() -> context.getBean(ClusterRegistry.class)
                    .cluster("orders.shop")
                    .isSettled());
            RestClient client = context.getBean(RestClient.Builder.class).build();
            assertThatThrownBy(
                            () -> client.get().uri("http://orders/").retrieve().toBodilessEntity())
                    .hasMessageContaining("service \"orders\" (resource orders.shop, state UNAVAILABLE, control plane "
                            + address + ')');
        }
        assertThat(output.toString().lines().filter(line -> line.contains(" WARN ") || line.contains(" ERROR ")))
                .hasSize(2)
                .allMatch(line -> line.contains(address))
                .last()
                .asString()
                .contains("requests to orders get no instance");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Service {
        @Bean
        @LoadBalanced
        RestClient.Builder restClientBuilder() {
            return RestClient.builder();
        }
    }
}
