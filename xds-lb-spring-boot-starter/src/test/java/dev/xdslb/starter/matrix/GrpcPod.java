/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import io.grpc.Grpc;
import io.grpc.HandlerRegistry;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.Status;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** The gRPC side of a pod. Its methods have the paths of outcomes as names, and are streams in both directions where the caller likes. */
final class GrpcPod {
    private static final String SERVICE = "soak.Pod";

    private final Server server;

    GrpcPod(Executor executor) throws IOException {
        server = Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                .executor(executor)
                .fallbackHandlerRegistry(new AnyMethod())
                .build()
                .start();
    }

    static MethodDescriptor<String, String> method(String what, MethodType kind) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(kind)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, what))
                .setRequestMarshaller(new Utf8())
                .setResponseMarshaller(new Utf8())
                .build();
    }

    int port() {
        return server.getPort();
    }

    /** Ends all connections, as a process that is killed. */
    void kill() {
        server.shutdownNow();
    }

    private static final class AnyMethod extends HandlerRegistry {
        @Override
        public ServerMethodDefinition<?, ?> lookupMethod(String name, @Nullable String authority) {
            String what = name.substring(name.indexOf('/') + 1);
            return ServerMethodDefinition.<String, String>create(method(what, MethodType.UNKNOWN), (call, headers) -> {
                call.request(Integer.MAX_VALUE);
                return new ServerCall.Listener<>() {
                    @Override
                    public void onHalfClose() {
                        answer(what, call);
                    }
                };
            });
        }
    }

    private static void answer(String what, ServerCall<String, String> call) {
        try {
            switch (what) {
                case "ok", "long" -> {
                    call.sendHeaders(new Metadata());
                    call.sendMessage(Pod.BODY);
                    call.close(Status.OK, new Metadata());
                }
                case "missing" -> call.close(Status.NOT_FOUND, new Metadata());
                case "busy" -> call.close(Status.RESOURCE_EXHAUSTED, new Metadata());
                case "error", "later", "flaky" -> call.close(Status.UNAVAILABLE, new Metadata());
                case "half", "events" -> {
                    call.sendHeaders(new Metadata());
                    call.sendMessage(Pod.BODY);
                }
                default -> {} // never answered
            }
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
