/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.starter.FaultyPods.Behaviour;
import dev.xdslb.starter.FaultyPods.Pod;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerResponse;

/** What is counted of the requests that Gateway MVC sends, to two pods of each service. */
@Timeout(120)
class GatewayWebMvcAccountingTest {
    private static final String PREFIX = "--spring.cloud.gateway.server.webmvc.routes";

    private static final Duration SLOW = Duration.ofMillis(500);
    private static final String IMPATIENT = "impatient";

    private final FaultyPods pods = new FaultyPods();
    private ConfigurableApplicationContext gateway;
    private List<Pod> orders;
    private List<EndpointLoad> loads;

    @BeforeEach
    void start(TestInfo test) throws IOException {
        orders = pods.service("orders", 2);
        List<String> arguments = new ArrayList<>(List.of(
                "--server.port=0",
                "--spring.main.banner-mode=off",
                "--eureka.client.enabled=false",
                "--spring.cloud.gateway.server.webflux.enabled=false",
                "--spring.http.clients.imperative.factory=jdk", // Apache's reads an endless stream before it closes it
                "--spring.cloud.circuitbreaker.resilience4j.disable-time-limiter=true", // a second is short for a first
                // call
                "--xds-lb.namespace=shop",
                "--xds-lb.strategy=round-robin",
                "--xds-lb.ejection.max-share=0",
                "--xds-lb.error-bias.exponent=0"));
        if (test.getTags().contains(IMPATIENT)) {
            arguments.add("--spring.http.clients.read-timeout=1s");
        }
        arguments.addAll(route(0, "plain"));
        arguments.addAll(route(1, "retry"));
        arguments.addAll(List.of(
                PREFIX + "[1].filters[0].name=Retry",
                PREFIX + "[1].filters[0].args.retries=3",
                PREFIX + "[1].filters[0].args.series=SERVER_ERROR"));
        arguments.addAll(route(2, "breaker"));
        arguments.addAll(List.of(
                PREFIX + "[2].filters[0].name=CircuitBreaker",
                PREFIX + "[2].filters[0].args.id=orders",
                PREFIX + "[2].filters[0].args.fallbackUri=forward:/fallback",
                PREFIX + "[2].filters[0].args.statusCodes=500"));
        gateway = new SpringApplicationBuilder(Gateway.class)
                .web(WebApplicationType.SERVLET)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                EndpointSource.class, () -> pods, definition -> definition.setDestroyMethodName("")))
                .run(arguments.toArray(String[]::new));
        loads = FaultyPods.loads(gateway, "orders");
    }

    @AfterEach
    void stop() {
        if (gateway != null) {
            gateway.close();
        }
        pods.close();
    }

    @Test
    void answers_areCounted() throws IOException {
        for (int i = 0; i < 10; i++) {
            assertThat(send("GET", "/plain/x", "")).contains("{\"n\":1}");
            assertThat(send("HEAD", "/plain/x", "")).startsWith("HTTP/1.1 200");
            assertThat(send("POST", "/plain/x", "body")).contains("{\"n\":1}");
        }
        await().untilAsserted(() -> assertThat(
                        loads.stream().mapToLong(EndpointLoad::succeeded).sum())
                .isEqualTo(30));
        assertNothingIsLeft(0);
    }

    @Test
    void eventStream_countsUntilTheCallerIsGone_whichIsNoFailure() throws IOException {
        orders.forEach(pod -> pod.behave(Behaviour.STREAMS));
        try (Socket caller = connect()) {
            caller.getOutputStream().write(head("GET", "/plain/x", 0).getBytes(StandardCharsets.ISO_8859_1));
            assertThat(caller.getInputStream().readNBytes(500)).hasSize(500);
            assertThat(inFlight()).isEqualTo(1);
        }
        assertNothingIsLeft(0);
    }

    /** The pods wait for the rest of the body in vain; that says nothing about them. */
    @Test
    void callerThatBreaksOffItsUpload_saysNothingAboutTheEndpoint() throws IOException {
        assertThat(send("GET", "/plain/x", "")).contains("200");
        for (int i = 0; i < 14; i++) {
            try (Socket caller = connect()) {
                caller.setSoLinger(true, 0); // a reset
                caller.getOutputStream()
                        .write((head("POST", "/plain/x", 100_000) + "x".repeat(20_000))
                                .getBytes(StandardCharsets.ISO_8859_1));
                await().until(() -> inFlight() > 0);
            }
            await().untilAsserted(() -> assertThat(inFlight()).isZero());
        }
        assertNothingIsLeft(0);
    }

    /** The time-out of the JDK's client is for sending, too: what it waited for is the rest of the caller's body. */
    @Test
    @Tag(IMPATIENT)
    void timeOutWhileTheCallerIsStillSending_saysNothingAboutTheEndpoint() throws IOException {
        try (Socket caller = connect()) {
            caller.getOutputStream()
                    .write((head("POST", "/plain/x", 30_000) + "x".repeat(1_000))
                            .getBytes(StandardCharsets.ISO_8859_1));
            await().until(() -> inFlight() > 0);
            assertNothingIsLeft(0);
        }
    }

    @Test
    void slowUpload_makesItsEndpointNeitherOldNorSlow() throws IOException {
        String body = "x".repeat(100_000);
        long sent;
        try (Socket caller = connect()) {
            OutputStream out = caller.getOutputStream();
            out.write((head("POST", "/plain/x", body.length()) + body.substring(80_000))
                    .getBytes(StandardCharsets.ISO_8859_1));
            await().until(() -> inFlight() > 0);
            await().during(SLOW)
                    .atMost(SLOW.multipliedBy(10))
                    .until(() -> loads.stream().allMatch(load -> load.unansweredAgeNanos() == 0));
            sent = System.nanoTime();
            out.write(body.substring(0, 80_000).getBytes(StandardCharsets.ISO_8859_1));
            assertThat(new String(caller.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1))
                    .contains("{\"n\":1}");
        }
        assertNothingIsLeft(0);
        assertThat(loads.stream().mapToLong(load -> load.counts().timedMicros()).sum())
                .as("time of the answer")
                .isLessThanOrEqualTo(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sent));
    }

    @Test
    void eachAttemptOfARetry_isCounted() throws IOException {
        orders.get(0).behave(Behaviour.ANSWERS_500);
        for (int i = 0; i < 2; i++) {
            assertThat(send("GET", "/retry/x", "")).contains("{\"n\":1}");
        }
        assertNothingIsLeft(orders.get(0).requests());
        assertThat(orders.get(0).requests()).isPositive();
    }

    @Test
    void answerThatAFallbackReplaces_isCounted() throws IOException {
        orders.forEach(pod -> pod.behave(Behaviour.ANSWERS_500));
        for (int i = 0; i < 4; i++) {
            assertThat(send("GET", "/breaker/x", "")).contains("instead");
        }
        assertNothingIsLeft(4);
    }

    @Test
    void podThatIsGone_isAFailureOfItsConnection() throws IOException {
        orders.forEach(pod -> pod.behave(Behaviour.REFUSES));
        assertThat(send("GET", "/plain/x", "")).startsWith("HTTP/1.1 500");
        assertNothingIsLeft(1);
    }

    private void assertNothingIsLeft(int failed) {
        await().untilAsserted(() -> assertThat(inFlight()).isZero());
        assertThat(loads.stream().mapToLong(EndpointLoad::failed).sum()).isEqualTo(failed);
    }

    private int inFlight() {
        return loads.stream().mapToInt(EndpointLoad::inFlight).sum();
    }

    private String send(String method, String path, String body) throws IOException {
        try (Socket caller = connect()) {
            caller.getOutputStream()
                    .write((head(method, path, body.length()) + body).getBytes(StandardCharsets.ISO_8859_1));
            return new String(caller.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1);
        }
    }

    private static String head(String method, String path, int length) {
        return method + ' ' + path + " HTTP/1.1\r\nHost: gateway\r\nConnection: close\r\nContent-Length: " + length
                + "\r\n\r\n";
    }

    private Socket connect() throws IOException {
        int port = gateway.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
        return new Socket(InetAddress.getLoopbackAddress(), port);
    }

    private static List<String> route(int index, String path) {
        String name = PREFIX + '[' + index + ']';
        return List.of(name + ".id=" + path, name + ".uri=lb://orders", name + ".predicates[0]=Path=/" + path + "/**");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Gateway {
        @Bean
        RouterFunction<ServerResponse> fallback() {
            return RouterFunctions.route()
                    .GET("/fallback", request -> ServerResponse.ok().body("instead"))
                    .build();
        }
    }
}
