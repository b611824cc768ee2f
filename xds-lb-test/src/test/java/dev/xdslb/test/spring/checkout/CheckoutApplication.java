/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring.checkout;

import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** An application as a user has one: it calls other services by their names. */
@SpringBootApplication
public class CheckoutApplication {

    @Bean
    @LoadBalanced
    RestClient.Builder restClients() {
        return RestClient.builder();
    }

    @Bean
    @LoadBalanced
    WebClient.Builder webClients() {
        return WebClient.builder();
    }
}
