/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.test.spring.checkout.CheckoutApplication;
import dev.xdslb.test.spring.checkout.Orders;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/**
 * Addresses that nobody knows when the context starts: with one instance for all methods, Spring starts it before
 * {@code @BeforeAll}.
 */
@SpringBootTest(classes = CheckoutApplication.class, webEnvironment = WebEnvironment.RANDOM_PORT)
@DeclaredService(value = "myself", endpoints = "127.0.0.1:${local.server.port}")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Timeout(120)
class PortsKnownLaterTest {
    @DeclaredService("field")
    static NamedServer field;

    @DeclaredService("jdk")
    static HttpServer jdk;

    private static NamedServer server;

    @Autowired
    private Orders orders;

    @Autowired
    private DeclaredServices services;

    @BeforeAll
    void start() {
        field = new NamedServer("field");
        server = new NamedServer("server");
        jdk = server.server();
    }

    @AfterAll
    static void stop() {
        field.close();
        server.close();
    }

    @DeclaredService("method")
    static int port() {
        return server.port();
    }

    @DeclaredService("several")
    static List<Object> several() {
        return List.of(
                Endpoint.builder("127.0.0.1", server.port()).build(),
                field.address(),
                URI.create("http://127.0.0.3:8080"),
                new InetSocketAddress("0.0.0.0", 8081),
                new int[] {8082, 8083});
    }

    @Test
    void fieldIsReadBeforeEachTest() {
        assertThat(orders.call("field")).isEqualTo("field");
        assertThat(orders.call("jdk")).isEqualTo("server");
    }

    @Test
    void methodIsCalledBeforeEachTest() {
        assertThat(orders.call("method")).isEqualTo("server");
    }

    @Test
    void placeholderIsResolvedBeforeEachTest() {
        assertThat(services.endpoints("myself")).hasSize(1);
    }

    @Test
    void severalKinds_areAddedUp() {
        assertThat(services.endpoints("several"))
                .extracting(Endpoint::address)
                .containsExactly(
                        server.address(),
                        field.address(),
                        "127.0.0.3:8080",
                        "127.0.0.1:8081",
                        "127.0.0.1:8082",
                        "127.0.0.1:8083");
    }
}
