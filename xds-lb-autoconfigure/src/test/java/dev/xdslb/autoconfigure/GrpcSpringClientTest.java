/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import dev.xdslb.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientInterceptors;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** A {@code @GrpcClient} of grpc-spring (net.devh) against real gRPC servers. */
class GrpcSpringClientTest {
    private static final MethodDescriptor<StringValue, StringValue> HELLO =
            MethodDescriptor.<StringValue, StringValue>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("test.Greeter/Hello")
                    .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final AtomicInteger failed = new AtomicInteger();
    private volatile String failing = "";
    private Server one;
    private Server other;

    @BeforeEach
    void startServers() throws IOException {
        one = start("one");
        other = start("other");
    }

    @AfterEach
    void stopServers() {
        one.shutdownNow();
        other.shutdownNow();
    }

    @Test
    void balancesEachCallOfOneChannel() {
        source.publish("orders.shop:grpc", endpoint(one), endpoint(other));
        application().run(context -> {
            Map<String, Integer> answers = new HashMap<>();
            for (int i = 0; i < 60; i++) {
                answers.merge(call(context.getBean(Caller.class).channel), 1, Integer::sum);
            }
            assertThat(answers).containsOnlyKeys("one", "other");
        });
    }

    @Test
    void metadata_decidesWhereACallGoes() {
        source.publish("orders.shop:grpc", endpoint(one), endpoint(other));
        application()
                .withPropertyValues("xds-lb.strategy=ring-hash", "xds-lb.hash.key=metadata:x-user")
                .run(context -> {
                    Channel channel = context.getBean(Caller.class).channel;
                    await().until(() -> call(channel).equals("one")); // calls without a key reach both, once connected
                    await().until(() -> call(channel).equals("other"));
                    Map<String, Integer> firsts = new HashMap<>();
                    for (int user = 0; user < 30; user++) {
                        Channel ofUser = ClientInterceptors.intercept(
                                channel, MetadataUtils.newAttachHeadersInterceptor(user("user-" + user)));
                        String first = call(ofUser);
                        firsts.merge(first, 1, Integer::sum);
                        for (int i = 0; i < 5; i++) {
                            assertThat(call(ofUser)).isEqualTo(first);
                        }
                    }
                    assertThat(firsts).containsOnlyKeys("one", "other");
                });
    }

    @Test
    void channelsOwnServiceConfig_isKept_besideTheBalancing() {
        source.publish("orders.shop:grpc", endpoint(one), endpoint(other));
        application().withUserConfiguration(Retrying.class).run(context -> {
            Channel channel = context.getBean(Caller.class).channel;
            await().until(() -> call(channel).equals("one"));
            await().until(() -> call(channel).equals("other"));
            failing = "one";
            for (int i = 0; i < 8; i++) { // four of them at the one that fails, which is too few to eject it
                assertThat(call(channel)).isEqualTo("other");
            }
            assertThat(failed)
                    .as("it was asked, and the retry went to the other one")
                    .hasPositiveValue();
        });
    }

    @Test
    void metadata_namesTheShard() {
        source.publish(
                "orders.shop:grpc",
                Endpoint.builder("127.0.0.1", one.getPort()).shard("1").build(),
                Endpoint.builder("127.0.0.1", other.getPort()).shard("2").build());
        application()
                .withPropertyValues("xds-lb.clients.orders.subset.from=metadata:x-shard")
                .run(context -> {
                    Channel channel = context.getBean(Caller.class).channel;
                    for (int i = 0; i < 10; i++) { // from the first call on: it waits for its shard's connection
                        assertThat(call(with(channel, "x-shard", "2"))).isEqualTo("other");
                        assertThat(call(with(channel, "x-shard", "1"))).isEqualTo("one");
                    }
                    assertThatThrownBy(() -> call(with(channel, "x-shard", "3")))
                            .isInstanceOf(StatusRuntimeException.class)
                            .hasMessageContaining(
                                    "the request asks for shard=3 (from metadata:x-shard), and no endpoint "
                                            + "has it; values that exist: 1, 2");
                });
    }

    private static Channel with(Channel channel, String name, String value) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
        return ClientInterceptors.intercept(channel, MetadataUtils.newAttachHeadersInterceptor(metadata));
    }

    private static Metadata user(String name) {
        Metadata metadata = new Metadata();
        metadata.put(Metadata.Key.of("x-user", Metadata.ASCII_STRING_MARSHALLER), name);
        return metadata;
    }

    @Test
    void noEndpoint_failsAtOnceAndSaysWhy() {
        source.publish("orders.shop:grpc");
        application()
                .run(context -> assertThatThrownBy(() -> call(context.getBean(Caller.class).channel))
                        .isInstanceOf(StatusRuntimeException.class)
                        .hasMessageContaining("orders.shop:grpc"));
    }

    @Test
    void closedApplication_takesTheSchemeBack() {
        application()
                .run(context -> assertThat(
                                NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb"))
                        .isNotNull());
        assertThat(NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb"))
                .isNull();
    }

    @Test
    void disabled_balancesNothing() {
        TestContexts.application()
                .withPropertyValues("xds-lb.enabled=false")
                .run(context -> assertThat(
                                NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb"))
                        .isInstanceOf(PlainTargets.class));
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withUserConfiguration(Caller.class)
                .withPropertyValues(
                        "grpc.client.orders.address=xdslb:///orders:grpc",
                        "grpc.client.orders.negotiation-type=plaintext");
    }

    private static String call(Channel channel) {
        return ClientCalls.blockingUnaryCall(channel, HELLO, CallOptions.DEFAULT, StringValue.of("?"))
                .getValue();
    }

    private static Endpoint endpoint(Server server) {
        return Endpoint.builder("127.0.0.1", server.getPort()).build();
    }

    private Server start(String name) throws IOException {
        return NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder("test.Greeter")
                        .addMethod(HELLO, ServerCalls.asyncUnaryCall((request, answer) -> {
                            if (name.equals(failing)) {
                                failed.incrementAndGet();
                                answer.onError(Status.UNAVAILABLE.asRuntimeException());
                                return;
                            }
                            answer.onNext(StringValue.of(name));
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
    }

    @Configuration(proxyBeanMethods = false)
    static class Caller {
        @GrpcClient("orders")
        Channel channel;
    }

    @Configuration(proxyBeanMethods = false)
    static class Retrying {
        @Bean
        GrpcChannelConfigurer retries() {
            Map<String, Object> policy = Map.of(
                    "maxAttempts",
                    3.0,
                    "initialBackoff",
                    "0.001s",
                    "maxBackoff",
                    "0.001s",
                    "backoffMultiplier",
                    1.0,
                    "retryableStatusCodes",
                    List.of("UNAVAILABLE"));
            Map<String, Object> config =
                    Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", policy)));
            return (channel, name) -> channel.defaultServiceConfig(config).enableRetry();
        }
    }
}
