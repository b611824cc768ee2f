/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.sample.orders.GetOrderRequest;
import dev.xdslb.sample.orders.OrdersGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.context.ConfigurableApplicationContext;

class BackendApplicationTest {
    private static final HttpClient HTTP = HttpClient.newHttpClient();

    private static int grpcPort;
    private static ConfigurableApplicationContext context;

    @BeforeAll
    static void start() throws Exception {
        try (ServerSocket free = new ServerSocket(0)) {
            grpcPort = free.getLocalPort();
        }
        context = BackendApplication.builder()
                .run("--server.port=0", "--backend.pod-name=orders-3", "--backend.grpc-port=" + grpcPort);
    }

    @AfterAll
    static void stop() {
        context.close();
    }

    @Test
    void answersOverHttpWithItsName() throws Exception {
        HttpResponse<String> answer = send("GET", "/orders/42");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue(BackendPod.POD)).hasValue("orders-3");
        assertThat(answer.body()).isEqualTo("{\"id\":\"42\",\"pod\":\"orders-3\"}");
    }

    @Test
    void answersOverGrpcWithItsName() {
        ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", grpcPort)
                .usePlaintext()
                .build();
        try {
            assertThat(OrdersGrpc.newBlockingStub(channel)
                            .getOrder(GetOrderRequest.getDefaultInstance())
                            .getPod())
                    .isEqualTo("orders-3");
        } finally {
            channel.shutdownNow();
        }
    }

    @Test
    void failsWhenToldTo_andStillSaysWhoItIs() throws Exception {
        assertThat(send("PUT", "/backend/failing?value=true").statusCode()).isEqualTo(204);
        try {
            HttpResponse<String> answer = send("GET", "/orders/42");

            assertThat(answer.statusCode()).isEqualTo(500);
            assertThat(answer.headers().firstValue(BackendPod.POD)).hasValue("orders-3");
        } finally {
            send("PUT", "/backend/failing?value=false");
        }
    }

    @Test
    void latencyCanBeChangedWhileItRuns() throws Exception {
        assertThat(send("PUT", "/backend/latency?value=40ms").statusCode()).isEqualTo(204);
        try {
            assertThat(context.getBean(Behaviour.class).serviceTime()).isEqualTo(Duration.ofMillis(40));
        } finally {
            send("PUT", "/backend/latency?value=0ms");
        }
    }

    @Test
    void badOrder_saysWhatIsExpected() throws Exception {
        HttpResponse<String> answer = send("PUT", "/backend/latency?value=quick");

        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(answer.body()).isEqualTo("value: \"quick\" (expected: a duration such as 50ms)");
    }

    private static HttpResponse<String> send(String method, String path) throws Exception {
        String port = context.getEnvironment().getRequiredProperty("local.server.port");
        return HTTP.send(
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                        .method(method, BodyPublishers.noBody())
                        .build(),
                BodyHandlers.ofString());
    }
}
