/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.e2e;

import io.grpc.Attributes;
import io.grpc.ForwardingServerCall.SimpleForwardingServerCall;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServerTransportFilter;
import io.grpc.Status;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * A pod in this process, at every address of the machine: answers health checks, says its name in a header, and notes who called, and
 * where.
 */
final class GrpcPod implements AutoCloseable {

    private static final Metadata.Key<String> POD = Metadata.Key.of("pod", Metadata.ASCII_STRING_MARSHALLER);
    private static final Metadata.Key<String> USER_AGENT =
            Metadata.Key.of("user-agent", Metadata.ASCII_STRING_MARSHALLER);
    private static final byte[] SERVING = {8, 1}; // HealthCheckResponse{status: SERVING}

    private final String name;
    private final Server server;
    private final Map<String, Long> firstCalls = new ConcurrentHashMap<>();
    private volatile Duration time = Duration.ZERO;
    private volatile boolean failing;
    private final Set<SocketAddress> addresses = ConcurrentHashMap.newKeySet();

    GrpcPod(String name) {
        this.name = name;
        this.server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .addService(ServerServiceDefinition.builder("grpc.health.v1.Health")
                        .addMethod(Bytes.CHECK, ServerCalls.asyncUnaryCall((request, answer) -> {
                            sleep();
                            if (failing) {
                                answer.onError(Status.INTERNAL
                                        .withDescription(name + " is told to fail")
                                        .asRuntimeException());
                            } else {
                                answer.onNext(SERVING);
                                answer.onCompleted();
                            }
                        }))
                        .build())
                .intercept(new Note())
                .addTransportFilter(new ServerTransportFilter() {
                    @Override
                    public Attributes transportReady(Attributes transport) {
                        addresses.add(transport.get(Grpc.TRANSPORT_ATTR_LOCAL_ADDR));
                        return transport;
                    }
                })
                .build();
        try {
            server.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Lets every call take this long, and fail or not. */
    void behave(Duration time, boolean failing) {
        this.time = time;
        this.failing = failing;
    }

    private void sleep() {
        try {
            TimeUnit.NANOSECONDS.sleep(time.toNanos());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    String name() {
        return name;
    }

    int port() {
        return server.getPort();
    }

    /** Returns when, by {@link System#nanoTime()}, each kind of client called first, by the first word of what it says of itself. */
    Map<String, Long> firstCalls() {
        return firstCalls;
    }

    /** Returns the addresses at which clients have connected. */
    Set<SocketAddress> addresses() {
        return addresses;
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private final class Note implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            String client = String.valueOf(headers.get(USER_AGENT)).split("[/ ]", 2)[0];
            firstCalls.putIfAbsent(client, System.nanoTime());
            ServerCall<Q, A> named = new SimpleForwardingServerCall<>(call) {
                @Override
                public void sendHeaders(Metadata answer) {
                    answer.put(POD, name);
                    super.sendHeaders(answer);
                }
            };
            return next.startCall(named, headers);
        }
    }
}
