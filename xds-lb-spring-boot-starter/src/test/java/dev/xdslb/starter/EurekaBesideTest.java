/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** An application that has the client of Eureka, which takes any builder of clients that it finds. */
class EurekaBesideTest {

    /** Eureka's own start then asks the balancer for the host of its server. */
    @Test
    void balancedBuilder_doesNotKeepTheApplicationFromStarting() {
        // Far longer than a start takes, and without an end before: it waited for ever.
        ConfigurableApplicationContext context = assertTimeoutPreemptively(
                Duration.ofSeconds(60),
                () -> new SpringApplicationBuilder(Application.class)
                        .web(WebApplicationType.NONE)
                        .run(
                                "--spring.main.banner-mode=off",
                                "--spring.application.name=app",
                                "--spring.cloud.gateway.server.webflux.enabled=false",
                                "--xds-lb.namespace=shop",
                                "--xds-lb.control-plane.address=127.0.0.1:1",
                                "--eureka.client.service-url.defaultZone=http://localhost:1/eureka/"));
        try (context) {
            assertThat(context.isRunning()).isTrue();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @LoadBalanced
        RestClient.Builder builder() {
            return RestClient.builder();
        }
    }
}
