/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.restclient.test.autoconfigure.RestClientTest;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.test.context.ContextConfiguration;
import org.springframework.web.client.RestClient;

/** A slice of an application with its clients: it has only the auto-configuration that it asks for. */
@RestClientTest(properties = "spring.test.restclient.mockrestserviceserver.enabled=false")
@ContextConfiguration(classes = SliceTest.Clients.class)
@AutoConfigureXdsLb
@Timeout(120)
class SliceTest {
    @DeclaredService("orders")
    static final NamedServer ORDERS = new NamedServer("orders");

    @Autowired
    private RestClient.Builder clients;

    @Autowired
    private DeclaredServices services;

    @AfterAll
    static void stop() {
        ORDERS.close();
    }

    @Test
    void requestsAreBalanced() {
        String answer = clients.build().get().uri("http://orders/").retrieve().body(String.class);

        assertThat(answer).isEqualTo("orders");
        assertThat(services.requests("orders")).hasCount(1).haveEnded();
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder builder() {
            return RestClient.builder();
        }
    }
}
