/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.sample.orders.GetOrderRequest;
import dev.xdslb.sample.orders.Order;
import dev.xdslb.sample.orders.OrdersGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class BackendPodTest {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final Behaviour behaviour = new Behaviour(Duration.ofMillis(1));
    private final BackendPod pod = BackendPod.start("orders-7", InetAddress.getLoopbackAddress(), 0, 0, behaviour);
    private final HttpClient http =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ManagedChannel channel = NettyChannelBuilder.forAddress("127.0.0.1", pod.grpcPort())
            .usePlaintext()
            .build();

    @AfterEach
    void stop() {
        channel.shutdownNow();
        pod.close();
    }

    @Test
    void answersOverHttpWithItsName() throws Exception {
        HttpResponse<String> answer = get();

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.headers().firstValue(BackendPod.POD)).hasValue("orders-7");
        assertThat(answer.body()).isEqualTo("{\"id\":\"42\",\"pod\":\"orders-7\"}");
    }

    @Test
    void answersOverGrpcWithItsName() {
        assertThat(call())
                .isEqualTo(Order.newBuilder().setId("42").setPod("orders-7").build());
    }

    @Test
    void slowPod_takesLonger() throws Exception {
        behaviour.setServiceTime(Duration.ofMillis(20));
        behaviour.setSlowdown(5);

        long start = System.nanoTime();
        get();

        // Half of 5 × 20 ms is the least that such a request takes.
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThanOrEqualTo(Duration.ofMillis(50));
    }

    @Test
    void failingPod_failsOverBothProtocols() throws Exception {
        behaviour.setFailing(true);

        assertThat(get().statusCode()).isEqualTo(500);
        assertThatThrownBy(this::call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL));
    }

    @Test
    void killedPod_breaksWhatIsInFlightAndRefusesWhatComes() {
        behaviour.setServiceTime(Duration.ofMinutes(1));
        CompletableFuture<HttpResponse<String>> overHttp = http.sendAsync(request(), BodyHandlers.ofString());
        Future<Order> overGrpc = OrdersGrpc.newFutureStub(channel).getOrder(GetOrderRequest.getDefaultInstance());
        await().until(() -> pod.requestsInFlight() == 2);

        pod.kill();

        assertThat(overHttp).failsWithin(PATIENCE).withThrowableThat().withCauseInstanceOf(IOException.class);
        assertThat(overGrpc)
                .failsWithin(PATIENCE)
                .withThrowableThat()
                .withCauseInstanceOf(StatusRuntimeException.class);
        assertThatThrownBy(this::get).isInstanceOf(ConnectException.class);
    }

    @Test
    void drainedPod_answersWhatIsInFlight() {
        // long enough for both requests to be in flight together, however slowly the second one gets going
        behaviour.setServiceTime(Duration.ofSeconds(3));
        CompletableFuture<HttpResponse<String>> overHttp = http.sendAsync(request(), BodyHandlers.ofString());
        Future<Order> overGrpc = OrdersGrpc.newFutureStub(channel).getOrder(GetOrderRequest.getDefaultInstance());
        await().until(() -> pod.requestsInFlight() == 2);

        pod.drain(PATIENCE);

        assertThat(overHttp).succeedsWithin(PATIENCE).returns(200, HttpResponse::statusCode);
        assertThat(overGrpc).succeedsWithin(PATIENCE).returns("orders-7", Order::getPod);
        assertThatThrownBy(this::get).isInstanceOf(ConnectException.class);
    }

    private HttpResponse<String> get() throws IOException, InterruptedException {
        return http.send(request(), BodyHandlers.ofString());
    }

    private HttpRequest request() {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + pod.httpPort() + "/orders/42"))
                .build();
    }

    private Order call() {
        return OrdersGrpc.newBlockingStub(channel)
                .getOrder(GetOrderRequest.newBuilder().setId("42").build());
    }
}
