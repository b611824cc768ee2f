/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.RetryBudget;
import dev.xdslb.policy.Pool;
import dev.xdslb.springcloud.RetryBudgets;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** Where a gateway's requests go: the route decides, and nothing that its caller sent. */
abstract class GatewayRoutesContract {
    private static final List<String> HOSTILE_HEADERS = List.of(
            "Host: orders:8081\r\n",
            "Host: ORDERS:8081\r\n",
            "Host: orders:9999\r\n",
            "Host: orders.shop:8081\r\n",
            "Host: gateway\r\nX-Forwarded-Host: orders:8081\r\n",
            "Host: gateway\r\nX-Forwarded-Host: orders\r\nX-Forwarded-Port: 8081\r\n",
            "Host: orders\r\nX-Forwarded-Port: 8081\r\nX-Forwarded-Proto: lb\r\n",
            "Host: gateway\r\nForwarded: host=\"orders:8081\"\r\n");

    private final WebApplicationType type;
    private final String prefix;
    private final TestService pods = new TestService();
    private ConfigurableApplicationContext gateway; // null before it was started

    GatewayRoutesContract(WebApplicationType type, String prefix) {
        this.type = type;
        this.prefix = prefix;
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        pods.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--spring.main.cloud-platform=kubernetes", // with which Boot believes in forwarding headers
                "--server.forward-headers-strategy=framework",
                "--server.forward-headers-strategy=none"
            })
    void caller_doesNotChooseThePort(String forwarding) throws IOException {
        start(forwarding);
        for (String target : List.of("/plain/x", "http://orders:8081/plain/x")) {
            for (String headers : HOSTILE_HEADERS) {
                assertThat(send("GET " + target + " HTTP/1.1\r\n" + headers))
                        .as("%s %s", target, headers)
                        .satisfiesAnyOf(
                                answer -> assertThat(answer).endsWith("http"),
                                answer -> assertThat(answer).startsWith("HTTP/1.1 400 ")); // contradicts itself
            }
        }
    }

    @Test
    void nameOfTheRoute_hasNoCase() throws IOException {
        start();
        assertThat(send("GET /upper/x HTTP/1.1\r\nHost: gateway\r\n")).endsWith("admin");
    }

    @Test
    void key_isThePathThatIsSent() throws IOException {
        start("--xds-lb.strategy=recording");
        send("GET /strip/orders/7 HTTP/1.1\r\nHost: gateway\r\n");
        assertThat(gateway.getBean(Recording.class).paths).containsExactly("/orders/7");
    }

    @Test
    void retries_goWhereTheRequestHasNotBeen() throws IOException {
        start("--xds-lb.ejection.max-share=0", "--xds-lb.error-bias.exponent=0", "--xds-lb.strategy=random");
        int requests = type == WebApplicationType.REACTIVE ? 60 : 12; // the other waits a second before each retry
        for (int i = 0; i < requests; i++) {
            assertThat(send("GET /retry/x HTTP/1.1\r\nHost: gateway\r\n")).endsWith("C");
        }
        assertThat(pods.requests("A") + pods.requests("B")).isPositive();
    }

    @Test
    void retriesWithoutRoomInTheBudget_areNotSent() throws IOException {
        start(
                "--xds-lb.retry-budget.share=0",
                "--xds-lb.retry-budget.min-per-second=0",
                "--xds-lb.ejection.max-share=0",
                "--xds-lb.strategy=round-robin");
        for (int i = 0; i < 3; i++) {
            assertThat(send("GET /retry/x HTTP/1.1\r\nHost: gateway\r\n"))
                    .satisfiesAnyOf(
                            answer -> assertThat(answer).endsWith("C"),
                            answer -> assertThat(answer).startsWith("HTTP/1.1 " + retriesUsedUp() + ' '));
        }
        RetryBudget budget = gateway.getBean(RetryBudgets.class).of("trio");
        assertThat(budget.retries()).isZero();
        assertThat(budget.refused()).isPositive();
    }

    @Test
    void preserveHost_sendsTheServiceOfTheRoute() throws IOException {
        start("--xds-lb.preserve-host=true", "--spring.http.clients.imperative.factory=reactor");
        send("GET /plain/x HTTP/1.1\r\nHost: gateway\r\n");
        assertThat(pods.takeHost()).isEqualTo("orders");
        send("GET /admin/x HTTP/1.1\r\nHost: gateway\r\n");
        assertThat(pods.takeHost()).startsWith("orders");
        send("GET /retry/x HTTP/1.1\r\nHost: gateway\r\n");
        assertThat(pods.takeHost()).isEqualTo("trio");
        pods.drainHosts();
        send("GET /callers/x HTTP/1.1\r\nHost: gateway\r\n");
        assertThat(pods.drainHosts()).containsExactly("chosen.test");
    }

    private void start(String... properties) throws IOException {
        pods.pods("orders.shop", Map.of("http", 200));
        pods.pods("orders.shop:8081", Map.of("admin", 200));
        pods.pods("trio.shop", Map.of("A", 503, "B", 503, "C", 200));
        List<String> arguments = new ArrayList<>(List.of(properties));
        arguments.addAll(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--eureka.client.enabled=false",
                "--spring.cloud.gateway.server.webflux.enabled=" + (type == WebApplicationType.REACTIVE),
                "--xds-lb.namespace=shop",
                "--" + prefix + ".routes[3].filters[0]=StripPrefix=1"));
        arguments.addAll(route(0, "plain", "lb://orders"));
        arguments.addAll(route(1, "admin", "lb://orders:8081"));
        arguments.addAll(route(2, "upper", "lb://ORDERS:8081"));
        arguments.addAll(route(3, "strip", "lb://orders"));
        arguments.addAll(route(4, "retry", "lb://trio"));
        arguments.addAll(route(5, "callers", "lb://orders"));
        arguments.add("--" + prefix + ".routes[5].filters[0]=SetRequestHostHeader=chosen.test");
        arguments.addAll(retry("--" + prefix + ".routes[4].filters[0]"));
        gateway = new SpringApplicationBuilder(Gateway.class)
                .web(type)
                .initializers(context -> ((org.springframework.context.support.GenericApplicationContext) context)
                        .registerBean(TestService.class, () -> pods, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
    }

    /** Returns what the gateway answers where its retries are used up by one that got no instance. */
    abstract int retriesUsedUp();

    /** Returns the arguments for two retries of a 503. */
    abstract List<String> retry(String filter);

    private List<String> route(int index, String path, String uri) {
        String name = "--" + prefix + ".routes[" + index + "]";
        return List.of(name + ".id=" + path, name + ".uri=" + uri, name + ".predicates[0]=Path=/" + path + "/**");
    }

    private String send(String request) throws IOException {
        int port = gateway.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream()
                    .write((request + "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1).stripTrailing();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Gateway {
        @Bean
        Recording recording() {
            return new Recording();
        }
    }

    /** Writes down what it is told of requests, and takes anybody. */
    static final class Recording implements LoadBalancingStrategy {
        private final Queue<String> paths = new ConcurrentLinkedQueue<>();

        @Override
        public String name() {
            return "recording";
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> {
                paths.add(request.path());
                return pool.get(0);
            };
        }
    }
}
