/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.Endpoint;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;

/** A real server with one method of each kind, which answers each call as the test says. */
final class MatrixServer implements AutoCloseable {
    private static final String SERVICE = "test.Matrix";

    private final Server server;
    private final int port;
    private final AtomicInteger calls = new AtomicInteger();
    private final List<ServerCall<String, String>> held = new CopyOnWriteArrayList<>();
    private volatile Behaviour behaviour = Behaviour.ANSWER;
    private volatile Status failure = Status.UNAVAILABLE;

    /** What becomes of a call once the caller has said all. */
    enum Behaviour {
        ANSWER,
        FAIL,
        HOLD,
        /** Sends headers, which grpc-java does not do for a unary call, and holds. */
        HEADERS,
        /** Sends a message, and holds. */
        MESSAGE
    }

    MatrixServer() {
        this(builder -> builder);
    }

    MatrixServer(UnaryOperator<ServerBuilder<?>> settings) {
        try {
            ServerServiceDefinition.Builder service = ServerServiceDefinition.builder(SERVICE);
            for (MethodType kind : GrpcMatrixTest.KINDS) {
                service.addMethod(method(kind), handler());
            }
            server = settings.apply(Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create()))
                    .addService(service.build())
                    .build()
                    .start();
            port = server.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MethodDescriptor<String, String> method(MethodType kind) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(kind)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, kind.name()))
                .setRequestMarshaller(new Utf8())
                .setResponseMarshaller(new Utf8())
                .build();
    }

    void does(Behaviour next) {
        behaviour = next;
    }

    void failsWith(Status status) {
        failure = status;
        behaviour = Behaviour.FAIL;
    }

    Endpoint endpoint() {
        return Endpoint.builder("127.0.0.1", port)
                .pod("pod-" + port, "uid-" + port)
                .build();
    }

    /** Returns how many calls have been heard to their end. */
    int calls() {
        return calls.get();
    }

    int held() {
        return held.size();
    }

    /** Answers those that are held. */
    void release() {
        behaviour = Behaviour.ANSWER;
        held.forEach(MatrixServer::answer);
        held.clear();
    }

    /** Ends every connection, as a process does that is killed. */
    void kill() {
        server.shutdownNow();
        try {
            server.awaitTermination();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private ServerCallHandler<String, String> handler() {
        return (call, headers) -> {
            call.request(Integer.MAX_VALUE);
            return new ServerCall.Listener<>() {
                @Override
                public void onHalfClose() {
                    calls.incrementAndGet();
                    handle(call);
                }
            };
        };
    }

    private void handle(ServerCall<String, String> call) {
        switch (behaviour) {
            case ANSWER -> answer(call);
            case FAIL -> call.close(failure, new Metadata());
            case HOLD -> held.add(call);
            case HEADERS -> {
                call.sendHeaders(new Metadata());
                held.add(call);
            }
            case MESSAGE -> {
                call.sendHeaders(new Metadata());
                call.sendMessage("first");
                held.add(call);
            }
        }
    }

    private static void answer(ServerCall<String, String> call) {
        try {
            call.sendHeaders(new Metadata());
            call.sendMessage("answer");
            call.close(Status.OK, new Metadata());
        } catch (IllegalStateException e) {
            // cancelled in the meantime
        }
    }

    private static final class Utf8 implements MethodDescriptor.Marshaller<String> {
        @Override
        public InputStream stream(String value) {
            return new ByteArrayInputStream(value.getBytes(StandardCharsets.UTF_8));
        }

        @Override
        public String parse(InputStream stream) {
            try {
                return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
