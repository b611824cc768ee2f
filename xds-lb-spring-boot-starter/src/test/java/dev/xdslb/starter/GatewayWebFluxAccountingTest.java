/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import dev.xdslb.load.EndpointLoad;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.Ordered;
import org.springframework.http.HttpStatus;
import org.springframework.web.reactive.socket.client.ReactorNettyWebSocketClient;
import org.springframework.web.server.ServerWebExchange;
import reactor.core.Disposable;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;
import reactor.netty.DisposableServer;
import reactor.netty.http.server.HttpServer;
import reactor.netty.http.server.HttpServerRequest;
import reactor.netty.http.server.HttpServerResponse;

/** How each request of Gateway WebFlux is counted for the one pod that it goes to, with a real pod and callers by socket. */
@Timeout(60)
class GatewayWebFluxAccountingTest {
    private static final Sinks.Empty<Void> NEVER = Sinks.empty();
    private static final Duration SLOW = Duration.ofMillis(500);
    private static final Source SOURCE = new Source();

    private static DisposableServer pod;
    private static ConfigurableApplicationContext gateway;
    private static volatile Runnable loseConnection = () -> {};

    private EndpointLoad load;
    private long succeededBefore;
    private long failedBefore;

    @BeforeAll
    static void start() throws IOException {
        pod = HttpServer.create()
                .host("127.0.0.1")
                .port(0)
                .route(routes -> routes.get("/ok", (request, response) -> response.sendString(Mono.just("fine")))
                        .head(
                                "/ok",
                                (request, response) -> response.header(HttpHeaderNames.CONTENT_LENGTH, "4")
                                        .send())
                        .get(
                                "/error",
                                (request, response) -> response.status(500).sendString(Mono.just("broken")))
                        .get("/hang", (request, response) -> NEVER.asMono())
                        .get("/half", GatewayWebFluxAccountingTest::half)
                        .get("/reset", GatewayWebFluxAccountingTest::reset)
                        .get("/events", GatewayWebFluxAccountingTest::events)
                        .post(
                                "/upload",
                                (request, response) -> request.receive()
                                        .then()
                                        .then(Mono.defer(() -> response.sendString(Mono.just("taken"))
                                                .then())))
                        .ws("/socket", (in, out) -> out.sendString(in.receive().asString())))
                .bindNow();
        SOURCE.publish("orders.shop", pod.port());
        try (ServerSocket closed = new ServerSocket(0)) {
            SOURCE.publish("refusing.shop", closed.getLocalPort());
        }
        SOURCE.snapshots.put("empty.shop", new EndpointSnapshot("empty.shop", "1", List.of()));
        gateway = new SpringApplicationBuilder(Gateway.class)
                .web(WebApplicationType.REACTIVE)
                .initializers(context -> ((GenericApplicationContext) context)
                        .registerBean(
                                EndpointSource.class, () -> SOURCE, definition -> definition.setDestroyMethodName("")))
                .run(
                        "--server.port=0",
                        "--spring.main.banner-mode=off",
                        "--eureka.client.enabled=false",
                        "--spring.web.error.include-message=always",
                        "--server.error.include-message=always",
                        "--xds-lb.namespace=shop",
                        route(0, "orders"),
                        path(0, "orders"),
                        strip(0),
                        uri(0, "lb://orders"),
                        route(1, "refusing"),
                        path(1, "refusing"),
                        strip(1),
                        uri(1, "lb://refusing"),
                        route(2, "empty"),
                        path(2, "empty"),
                        strip(2),
                        uri(2, "lb://empty"),
                        route(3, "limited"),
                        path(3, "limited"),
                        strip(3),
                        uri(3, "lb://orders"),
                        "--spring.cloud.gateway.server.webflux.routes[3].metadata.response-timeout=300",
                        route(4, "retried"),
                        path(4, "retried"),
                        strip(4),
                        uri(4, "lb://orders"),
                        "--spring.cloud.gateway.server.webflux.routes[4].filters[1].name=Retry",
                        "--spring.cloud.gateway.server.webflux.routes[4].filters[1].args.retries=2",
                        "--spring.cloud.gateway.server.webflux.routes[4].filters[1].args.backoff.firstBackoff=1ms",
                        "--spring.cloud.gateway.server.webflux.routes[4].filters[1].args.backoff.maxBackoff=1ms",
                        "--spring.cloud.gateway.server.webflux.routes[4].filters[1].args.statuses=INTERNAL_SERVER_ERROR");
    }

    @AfterAll
    static void stop() {
        gateway.close();
        pod.disposeNow();
    }

    @BeforeEach
    void look() throws IOException {
        assertThat(send("GET", "/orders/ok")).endsWith("fine");
        use("orders.shop");
    }

    @Test
    void answer_isASuccess() throws IOException {
        assertThat(send("GET", "/orders/ok")).startsWith("HTTP/1.1 200").endsWith("fine");
        assertEnded(1, 0);
    }

    @Test
    void head_isASuccess() throws IOException {
        assertThat(send("HEAD", "/orders/ok")).startsWith("HTTP/1.1 200");
        assertEnded(1, 0);
    }

    @Test
    void serverError_isAFailure() throws IOException {
        assertThat(send("GET", "/orders/error")).startsWith("HTTP/1.1 500");
        assertEnded(0, 1);
    }

    @Test
    void refusedConnection_isAFailure() throws IOException {
        assertThat(send("GET", "/refusing/ok")).startsWith("HTTP/1.1 500");
        use("refusing.shop");
        assertThat(send("GET", "/refusing/ok")).startsWith("HTTP/1.1 500");
        assertEnded(0, 1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "?hard"})
    void connectionLostWithinTheBody_isAFailure_andTheCallerIsTold(String how) throws IOException {
        // The caller would keep the connection, so it learns only by its being closed that no more comes.
        try (Socket caller = begin("GET", "/orders/reset" + how, "Connection: keep-alive\r\n")) {
            readUntil(caller.getInputStream(), "short"); // or what was on its way may be lost with the connection
            loseConnection.run();
            assertThat(caller.getInputStream().readAllBytes()).isEmpty();
        }
        assertEnded(0, 1);
    }

    @Test
    void timeOutOfTheGateway_isAFailure() throws IOException {
        assertThat(send("GET", "/limited/hang")).startsWith("HTTP/1.1 504");
        assertEnded(0, 1);
    }

    @Test
    void callerThatLeavesBeforeTheHeaders_saysNothing() throws IOException {
        Socket caller = begin("GET", "/orders/hang", "");
        awaitInFlight(1);
        caller.close();
        assertEnded(0, 0);
    }

    @Test
    void callerThatLeavesWithinTheBody_hadHisAnswer() throws IOException {
        try (Socket caller = begin("GET", "/orders/half", "")) {
            readUntil(caller.getInputStream(), "half");
            assertThat(load.inFlight()).isEqualTo(1);
        }
        assertEnded(1, 0);
    }

    @Test
    void uploadThatBreaksOff_saysNothing() throws IOException {
        for (int i = 0; i < 14; i++) {
            try (Socket caller = begin("POST", "/orders/upload", "Content-Length: 100000\r\n")) {
                caller.getOutputStream().write(new byte[20_000]);
                caller.getOutputStream().flush();
                awaitInFlight(1);
                caller.setSoLinger(true, 0); // resets
            }
            awaitInFlight(0);
        }
        assertEnded(0, 0);
    }

    @Test
    void timeOutWhileTheCallerSends_saysNothing() throws IOException {
        try (Socket caller = begin("POST", "/limited/upload", "Content-Length: 100000\r\n")) {
            caller.getOutputStream().write(new byte[20_000]);
            caller.getOutputStream().flush();
            readUntil(caller.getInputStream(), "504");
        }
        assertEnded(0, 0);
    }

    @Test
    void slowUpload_makesItsEndpointNeitherOldNorSlow() throws IOException {
        long before = load.counts().timedMicros();
        long sent;
        try (Socket caller = begin("POST", "/orders/upload", "Content-Length: 100000\r\n")) {
            caller.getOutputStream().write(new byte[20_000]);
            caller.getOutputStream().flush();
            awaitInFlight(1);
            await().during(SLOW).atMost(SLOW.multipliedBy(10)).until(() -> load.unansweredAgeNanos() == 0);
            sent = System.nanoTime();
            caller.getOutputStream().write(new byte[80_000]);
            readUntil(caller.getInputStream(), "taken");
        }
        assertEnded(1, 0);
        assertThat(load.counts().timedMicros() - before)
                .as("time of the answer")
                .isLessThanOrEqualTo(TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - sent));
    }

    @Test
    void wholeUpload_isASuccess() throws IOException {
        try (Socket caller = begin("POST", "/orders/upload", "Content-Length: 100000\r\n")) {
            caller.getOutputStream().write(new byte[100_000]);
            readUntil(caller.getInputStream(), "taken");
        }
        assertEnded(1, 0);
    }

    @Test
    void retries_countEachAttempt() throws IOException {
        assertThat(send("GET", "/retried/error")).startsWith("HTTP/1.1 500");
        assertEnded(0, 3);
    }

    @Test
    void filterThatThrowsAfterTheAnswer_leavesItAnAnswer() throws IOException {
        assertThat(send("GET", "/orders/ok", "X-Test: throw-after\r\n")).startsWith("HTTP/1.1 500");
        assertEnded(1, 0);
    }

    @Test
    void filterThatThrowsOrAnswersBefore_countsNothing() throws IOException {
        assertThat(send("GET", "/orders/ok", "X-Test: throw-before\r\n")).startsWith("HTTP/1.1 500");
        assertThat(send("GET", "/orders/ok", "X-Test: answer\r\n")).startsWith("HTTP/1.1 410");
        assertEnded(0, 0);
    }

    @Test
    void filterThatGivesUpSoon_saysNothing_asACircuitBreakerDoes() throws IOException {
        assertThat(send("GET", "/orders/hang", "X-Test: give-up\r\n")).startsWith("HTTP/1.1 504");
        assertEnded(0, 0);
    }

    @Test
    void eventStream_isAStream() throws IOException {
        try (Socket caller = begin("GET", "/orders/events", "")) {
            readUntil(caller.getInputStream(), "data: 1");
            awaitInFlight(1);
            assertThat(load.unansweredAgeNanos()).as("age of what is in flight").isZero();
            assertThat(load.succeeded() - succeededBefore)
                    .as("known before its end")
                    .isEqualTo(1);
        }
        assertEnded(1, 0);
    }

    @Test
    void webSocket_isAStreamUntilItIsClosed() throws Exception {
        CountDownLatch echoed = new CountDownLatch(1);
        Disposable socket = new ReactorNettyWebSocketClient()
                .execute(
                        URI.create("ws://127.0.0.1:" + port() + "/orders/socket"),
                        session -> session.send(
                                        Flux.just(session.textMessage("hello")).concatWith(Mono.never()))
                                .and(session.receive().doOnNext(message -> echoed.countDown())))
                .subscribe();
        assertThat(echoed.await(10, TimeUnit.SECONDS)).isTrue();
        awaitInFlight(1);
        assertThat(load.unansweredAgeNanos()).as("age of what is in flight").isZero();
        assertThat(load.succeeded() - succeededBefore)
                .as("known before its end")
                .isEqualTo(1);
        socket.dispose();
        assertEnded(1, 0);
    }

    @Test
    void webSocketToAPodThatRefuses_isAFailure() throws IOException {
        assertThat(send("GET", "/refusing/ok")).startsWith("HTTP/1.1 500");
        use("refusing.shop");
        Mono<Void> socket = new ReactorNettyWebSocketClient()
                .execute(
                        URI.create("ws://127.0.0.1:" + port() + "/refusing/socket"),
                        session -> session.receive().then());
        socket.onErrorComplete().block(Duration.ofSeconds(10));
        assertEnded(0, 1);
    }

    @Test
    void noEndpoint_is503_withTheReason() throws IOException {
        assertThat(send("GET", "/empty/ok"))
                .startsWith("HTTP/1.1 503")
                .contains("the service has no endpoints (scaled to zero?)");
    }

    private void use(String resource) {
        load = gateway.getBean(ClusterRegistry.class)
                .cluster(resource)
                .picker()
                .plan()
                .groups()
                .get(0)
                .get(0)
                .endpointLoad();
        awaitInFlight(0);
        succeededBefore = load.succeeded();
        failedBefore = load.failed();
    }

    private void awaitInFlight(int expected) {
        await().untilAsserted(() -> assertThat(load.inFlight()).isEqualTo(expected));
    }

    private void assertEnded(int succeeded, int failed) {
        awaitInFlight(0);
        assertThat(load.succeeded() - succeededBefore).as("succeeded").isEqualTo(succeeded);
        assertThat(load.failed() - failedBefore).as("failed").isEqualTo(failed);
    }

    private static String send(String method, String path) throws IOException {
        return send(method, path, "");
    }

    private static String send(String method, String path, String headers) throws IOException {
        try (Socket socket = begin(method, path, headers)) {
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.ISO_8859_1)
                    .replaceAll("\r\n0\r\n\r\n$", "")
                    .stripTrailing();
        }
    }

    private static Socket begin(String method, String path, String headers) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), port());
        socket.setSoTimeout(20_000);
        socket.getOutputStream()
                .write((method + ' ' + path + " HTTP/1.1\r\nHost: gateway\r\n"
                                + (headers.startsWith("Connection:") ? "" : "Connection: close\r\n") + headers + "\r\n")
                        .getBytes(StandardCharsets.ISO_8859_1));
        return socket;
    }

    private static void readUntil(InputStream in, String text) throws IOException {
        StringBuilder read = new StringBuilder();
        while (read.indexOf(text) < 0) {
            int next = in.read();
            assertThat(next).as("end of %s", read).isNotNegative();
            read.append((char) next);
        }
    }

    private static int port() {
        return gateway.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    }

    private static Mono<Void> half(HttpServerRequest request, HttpServerResponse response) {
        return response.header(HttpHeaderNames.CONTENT_LENGTH, "8")
                .sendString(Flux.just("half").concatWith(Mono.never()), StandardCharsets.UTF_8)
                .then();
    }

    /** Promises more than it sends, and loses the connection when it is told to. */
    private static Mono<Void> reset(HttpServerRequest request, HttpServerResponse response) {
        response.withConnection(connection -> loseConnection = () -> {
            if (request.uri().endsWith("?hard")) {
                connection.channel().config().setOption(ChannelOption.SO_LINGER, 0);
            }
            connection.dispose();
        });
        return response.header(HttpHeaderNames.CONTENT_LENGTH, "1000")
                .sendString(Flux.just("short").concatWith(Mono.never()))
                .then();
    }

    private static Mono<Void> events(HttpServerRequest request, HttpServerResponse response) {
        return response.sse()
                .sendString(Flux.just("data: 1\n\n").concatWith(Mono.never()))
                .then();
    }

    private static String route(int index, String id) {
        return "--spring.cloud.gateway.server.webflux.routes[" + index + "].id=" + id;
    }

    private static String path(int index, String path) {
        return "--spring.cloud.gateway.server.webflux.routes[" + index + "].predicates[0]=Path=/" + path + "/**";
    }

    private static String strip(int index) {
        return "--spring.cloud.gateway.server.webflux.routes[" + index + "].filters[0]=StripPrefix=1";
    }

    private static String uri(int index, String uri) {
        return "--spring.cloud.gateway.server.webflux.routes[" + index + "].uri=" + uri;
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Gateway {
        @Bean
        Misbehaving misbehaving() {
            return new Misbehaving();
        }
    }

    /** A filter of the application's that does what a header says. */
    static final class Misbehaving implements GlobalFilter, Ordered {
        @Override
        public int getOrder() {
            return 10; // within the one that writes the answer, around the one that balances
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
            String what = exchange.getRequest().getHeaders().getFirst("X-Test");
            return switch (what == null ? "" : what) {
                case "throw-before" -> Mono.error(new IllegalStateException("before"));
                case "throw-after" ->
                    chain.filter(exchange).then(Mono.error(new IllegalStateException("after the headers")));
                case "answer" -> answer(exchange, HttpStatus.GONE);
                case "give-up" ->
                    chain.filter(exchange)
                            .timeout(Duration.ofMillis(100))
                            .onErrorResume(e -> answer(exchange, HttpStatus.GATEWAY_TIMEOUT));
                default -> chain.filter(exchange);
            };
        }

        private static Mono<Void> answer(ServerWebExchange exchange, HttpStatus status) {
            exchange.getResponse().setStatusCode(status);
            return exchange.getResponse().setComplete();
        }
    }

    private static final class Source implements EndpointSource {
        private final Map<String, EndpointSnapshot> snapshots = new ConcurrentHashMap<>();

        private void publish(String resource, int port) {
            Endpoint endpoint = Endpoint.builder("127.0.0.1", port).build();
            snapshots.put(resource, new EndpointSnapshot(resource, "1", List.of(endpoint)));
        }

        @Override
        public Subscription subscribe(String resource, Watcher watcher) {
            EndpointSnapshot snapshot = snapshots.get(resource);
            new Thread(() -> {
                        if (snapshot == null) {
                            watcher.onAbsent("there is no " + resource);
                        } else {
                            watcher.onSnapshot(snapshot);
                        }
                    })
                    .start();
            return () -> {};
        }

        @Override
        public String description() {
            return "control plane of the test";
        }

        @Override
        public void close() {
            // The test closes the pod.
        }
    }
}
