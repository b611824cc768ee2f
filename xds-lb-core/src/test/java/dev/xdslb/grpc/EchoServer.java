/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointHealth;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A real server on a port of its own: a unary method and a bidirectional one, and faults on demand. */
public final class EchoServer implements AutoCloseable {
    static final MethodDescriptor<String, String> SAY = method("Say", MethodType.UNARY);
    static final MethodDescriptor<String, String> CHAT = method("Chat", MethodType.BIDI_STREAMING);

    private static final String SERVICE = "test.Echo";

    private final Server server;
    private final int port; // still asked for when the server has ended
    private final AtomicInteger calls = new AtomicInteger();
    private final List<StreamObserver<String>> held = new CopyOnWriteArrayList<>();
    private volatile Status answer = Status.OK;
    private volatile Metadata trailers = new Metadata();
    private volatile int failEvery = Integer.MAX_VALUE;
    private volatile boolean holding;

    public EchoServer() {
        this(InsecureServerCredentials.create());
    }

    EchoServer(ServerCredentials credentials) {
        try {
            server = Grpc.newServerBuilderForPort(0, credentials)
                    .addService(service())
                    .build()
                    .start();
            port = server.getPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls over the channel and returns what the server answers: its port. */
    public static String say(Channel channel) {
        return say(channel, CallOptions.DEFAULT.withDeadlineAfter(20, TimeUnit.SECONDS));
    }

    public static String say(Channel channel, CallOptions options) {
        return ClientCalls.blockingUnaryCall(channel, SAY, options, "hello");
    }

    public int port() {
        return port;
    }

    public Endpoint endpoint() {
        return endpoint(EndpointHealth.HEALTHY);
    }

    Endpoint endpoint(EndpointHealth health) {
        return Endpoint.builder("127.0.0.1", port())
                .pod("pod-" + port(), "uid-" + port())
                .health(health)
                .build();
    }

    /** Returns how many calls have arrived. */
    int calls() {
        return calls.get();
    }

    /** Answers with this status from now on. */
    void answerWith(Status status) {
        answer = status;
    }

    /** Answers with this status and these trailers from now on. */
    void answerWith(Status status, Metadata with) {
        trailers = with;
        answer = status;
    }

    /** Lets every nth call fail from now on that is not unary. */
    void failEveryChat(int n) {
        failEvery = n;
    }

    /** Leaves unary calls without an answer from now on, until they are released. */
    void hold() {
        holding = true;
    }

    int held() {
        return held.size();
    }

    void release() {
        holding = false;
        held.forEach(this::answer);
        held.clear();
    }

    @Override
    public void close() {
        server.shutdownNow();
    }

    private ServerServiceDefinition service() {
        return ServerServiceDefinition.builder(SERVICE)
                .addMethod(SAY, ServerCalls.asyncUnaryCall((request, response) -> {
                    calls.incrementAndGet();
                    if (holding) {
                        held.add(response);
                    } else {
                        answer(response);
                    }
                }))
                .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(this::chat))
                .build();
    }

    private StreamObserver<String> chat(StreamObserver<String> response) {
        boolean fails = calls.incrementAndGet() % failEvery == 0 || !answer.isOk();
        return new StreamObserver<String>() {
            @Override
            public void onNext(String message) {
                if (fails || message.equals("fail")) {
                    response.onError(Status.INTERNAL.asRuntimeException());
                    return;
                }
                response.onNext(message);
            }

            @Override
            public void onError(Throwable cancelled) {}

            @Override
            public void onCompleted() {
                response.onCompleted();
            }
        };
    }

    private void answer(StreamObserver<String> response) {
        if (!answer.isOk()) {
            response.onError(answer.asRuntimeException(trailers));
            return;
        }
        response.onNext(Integer.toString(port()));
        response.onCompleted();
    }

    private static MethodDescriptor<String, String> method(String name, MethodType type) {
        return MethodDescriptor.<String, String>newBuilder()
                .setType(type)
                .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, name))
                .setRequestMarshaller(new Utf8())
                .setResponseMarshaller(new Utf8())
                .build();
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
