/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.test.spring.checkout.CheckoutApplication;
import io.grpc.CallOptions;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;

/** Calls of a gRPC channel go to the declared endpoints, and follow their changes. */
@SpringBootTest(classes = CheckoutApplication.class, webEnvironment = WebEnvironment.NONE)
@Timeout(120)
class GrpcCallsTest {
    private static final MethodDescriptor<String, String> CALL = MethodDescriptor.<String, String>newBuilder()
            .setType(MethodDescriptor.MethodType.UNARY)
            .setFullMethodName("Orders/Call")
            .setRequestMarshaller(new Text())
            .setResponseMarshaller(new Text())
            .build();

    @DeclaredService("orders:grpc")
    static final Server FIRST = server("first");

    @DeclaredService("orders:grpc")
    static final Server SECOND = server("second");

    @Autowired
    private GrpcRegistration registration;

    @Autowired
    private DeclaredServices services;

    private ManagedChannel channel;

    @BeforeEach
    void connect() {
        String target = "xdslb:///orders:grpc";
        var builder = Grpc.newChannelBuilder(target, InsecureChannelCredentials.create());
        registration.bind(builder, target);
        channel = builder.build();
    }

    @AfterEach
    void disconnect() {
        channel.shutdownNow();
    }

    @AfterAll
    static void stop() {
        FIRST.shutdownNow();
        SECOND.shutdownNow();
    }

    @Test
    void callsGoToBoth() {
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            call();
            return services.requests("orders:grpc").perEndpoint().stream().allMatch(one -> one.sent() > 0);
        });

        assertThat(services.requests("orders")).haveSucceeded().haveEnded();
    }

    @Test
    void callsFollowAChange() {
        services.remove("orders:grpc", FIRST);
        await().atMost(Duration.ofSeconds(30)).until(() -> call().equals("second"));

        services.declare("orders:grpc", FIRST);
        await().atMost(Duration.ofSeconds(30)).until(() -> call().equals("first"));
    }

    private String call() {
        try {
            return ClientCalls.blockingUnaryCall(
                    channel, CALL, CallOptions.DEFAULT.withDeadlineAfter(Duration.ofSeconds(30)), "");
        } catch (StatusRuntimeException e) {
            throw new AssertionError(e);
        }
    }

    private static Server server(String name) {
        try {
            return Grpc.newServerBuilderForPort(0, InsecureServerCredentials.create())
                    .addService(ServerServiceDefinition.builder("Orders")
                            .addMethod(
                                    CALL,
                                    ServerCalls.asyncUnaryCall(
                                            (String request, io.grpc.stub.StreamObserver<String> answer) -> {
                                                answer.onNext(name);
                                                answer.onCompleted();
                                            }))
                            .build())
                    .build()
                    .start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static final class Text implements MethodDescriptor.Marshaller<String> {
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
