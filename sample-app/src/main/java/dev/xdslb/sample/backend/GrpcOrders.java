/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import dev.xdslb.sample.orders.GetOrderRequest;
import dev.xdslb.sample.orders.Order;
import dev.xdslb.sample.orders.OrdersGrpc;
import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import reactor.core.Disposable;

/** A pod's gRPC server: {@code shop.orders.Orders}. */
final class GrpcOrders extends OrdersGrpc.OrdersImplBase {
    private static final Metadata.Key<String> CLIENT =
            Metadata.Key.of(BackendPod.CLIENT, Metadata.ASCII_STRING_MARSHALLER);
    private static final Context.Key<String> CLIENT_OF_CALL = Context.keyWithDefault("client", "grpc");

    private final String pod;
    private final PodWork work;
    private final Server server;
    private final int port; // a server that has ended does not know it any more

    /** Starts the server; port 0 takes any free port. */
    GrpcOrders(String pod, InetSocketAddress address, PodWork work) {
        this.pod = pod;
        this.work = work;
        this.server = NettyServerBuilder.forAddress(address)
                .directExecutor()
                .addService(this)
                .intercept(new ClientName())
                .build();
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(pod + ": gRPC server cannot listen on " + address, e);
        }
        this.port = server.getPort();
    }

    int port() {
        return port;
    }

    /** Breaks off: connections are closed, requests in flight get no answer. */
    void kill() {
        server.shutdownNow();
    }

    /** Takes no new call, answers what it has begun, then ends. */
    void drain(Duration patience) {
        server.shutdown();
        try {
            server.awaitTermination(patience.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        server.shutdownNow();
    }

    @Override
    public void getOrder(GetOrderRequest request, StreamObserver<Order> answer) {
        Disposable running = work.request(CLIENT_OF_CALL.get()).subscribe(result -> {
            switch (result) {
                case DONE -> {
                    answer.onNext(Order.newBuilder()
                            .setId(request.getId())
                            .setPod(pod)
                            .build());
                    answer.onCompleted();
                }
                case FAILED ->
                    answer.onError(Status.INTERNAL
                            .withDescription(pod + " is told to fail")
                            .asRuntimeException());
                case OVERLOADED ->
                    answer.onError(Status.RESOURCE_EXHAUSTED
                            .withDescription(pod + " is overloaded")
                            .asRuntimeException());
            }
        });
        ((ServerCallStreamObserver<Order>) answer).setOnCancelHandler(running::dispose);
    }

    /** Passes on what the caller says of itself. */
    private static final class ClientName implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String client = headers.get(CLIENT);
            return client == null
                    ? next.startCall(call, headers)
                    : Contexts.interceptCall(Context.current().withValue(CLIENT_OF_CALL, client), call, headers, next);
        }
    }
}
