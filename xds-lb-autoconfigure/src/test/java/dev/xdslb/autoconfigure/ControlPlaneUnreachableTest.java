/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.xdslb.cluster.ClusterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** An application whose control plane is away when it starts. */
class ControlPlaneUnreachableTest {
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private String address;

    @BeforeEach
    void findPortThatNobodyListensOn() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            address = "127.0.0.1:" + socket.getLocalPort();
        }
        log.start();
        root().addAppender(log);
    }

    @AfterEach
    void stopLog() {
        root().detachAppender(log);
    }

    @Test
    void startsWithOneWarning_andFailsRequestsAtOnceWithAllThatIsKnown() {
        application().run(context -> {
            assertThat(context).hasNotFailed();
            await().until(() -> context.getBean(ClusterRegistry.class)
                    .cluster("orders.shop")
                    .isSettled());
            assertNames(
                    () -> context.getBean(RestClient.Builder.class)
                            .build()
                            .get()
                            .uri("http://orders/x")
                            .retrieve()
                            .body(String.class),
                    "orders");
            assertNames(
                    () -> context.getBean(RestTemplate.class).getForObject("http://orders/x", String.class), "orders");
            assertNames(
                    () -> context.getBean(WebClient.Builder.class)
                            .build()
                            .get()
                            .uri("http://orders/x")
                            .retrieve()
                            .bodyToMono(String.class)
                            .block(),
                    "orders");
            assertNames(
                    () -> context.getBean(RestTemplate.class).getForObject("http://unnamed/x", String.class),
                    "unnamed");
        });
        assertThat(warnings())
                .filteredOn(warning -> warning.contains(address))
                .extracting(warning -> warning.replaceFirst(":.*", ""))
                .as("each once, however many requests fail")
                .containsExactly(
                        "control plane 127.0.0.1",
                        "requests to orders get no instance",
                        "requests to unnamed get no instance");
    }

    @Test
    void usesStaticEndpointsWhereThereAreAny() {
        application()
                .withPropertyValues("xds-lb.clients.orders.endpoints=10.0.0.1:8080,[::1]:8081")
                .run(context -> {
                    var cluster = context.getBean(ClusterRegistry.class).cluster("orders.shop");
                    await().until(cluster::isSettled);
                    assertThat(cluster.endpoints())
                            .extracting(endpoint -> endpoint.address())
                            .containsExactly("10.0.0.1:8080", "[::1]:8081");
                });
    }

    @Test
    void usesDiscoveryClientWhereThereIsOne() {
        application()
                .withPropertyValues(
                        "spring.cloud.discovery.enabled=true",
                        "spring.cloud.discovery.client.simple.instances.orders[0].uri=http://10.0.0.1:8080",
                        "spring.cloud.discovery.client.simple.instances.stock[0].uri=http://10.0.0.2:8081",
                        "spring.cloud.discovery.client.simple.instances.stock[1].uri=http://10.0.0.3:8082")
                .run(context -> {
                    ClusterRegistry clusters = context.getBean(ClusterRegistry.class);
                    await().untilAsserted(() -> assertThat(
                                    clusters.cluster("orders.shop").endpoints())
                            .extracting(endpoint -> endpoint.address())
                            .containsExactly("10.0.0.1:8080"));
                    await().untilAsserted(() -> assertThat(
                                    clusters.cluster("stock.shop:8082").endpoints())
                            .as("the port is never ignored")
                            .extracting(endpoint -> endpoint.address())
                            .containsExactly("10.0.0.3:8082"));
                });
    }

    private void assertNames(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String service) {
        assertThatThrownBy(call)
                .extracting(failure -> failure instanceof WebClientResponseException.ServiceUnavailable unavailable
                        ? unavailable.getResponseBodyAsString()
                        : failure.getMessage())
                .asString()
                .contains("service \"" + service + '"')
                .contains("resource " + service + ".shop")
                .contains("state UNAVAILABLE")
                .contains("control plane " + address);
    }

    private ApplicationContextRunner application() {
        return TestContexts.application()
                .withUserConfiguration(Clients.class)
                .withPropertyValues("xds-lb.control-plane.address=" + address, "xds-lb.clients.orders.enabled=true");
    }

    private List<String> warnings() {
        return new ArrayList<>(log.list)
                .stream()
                        .filter(event -> event.getLevel().isGreaterOrEqual(Level.WARN))
                        .map(ILoggingEvent::getFormattedMessage)
                        .toList();
    }

    private static Logger root() {
        return (Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder restClientBuilder() {
            return RestClient.builder();
        }

        @Bean
        @LoadBalanced
        RestTemplate restTemplate() {
            return new RestTemplate();
        }

        @Bean
        @LoadBalanced
        WebClient.Builder webClientBuilder() {
            return WebClient.builder();
        }
    }
}
