/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import dev.xdslb.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.InsecureChannelCredentials;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.ApplicationContext;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.ClientInterceptorsConfigurer;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.NettyGrpcChannelFactory;

/** Channels of Spring gRPC as Boot's client makes them: by a name whose target is a property, with a service config of their own. */
class SpringGrpcClientTest {
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

    @ParameterizedTest
    @CsvSource({"orders", "shop.orders", "xdslb:///orders:grpc"})
    void channelsOwnServiceConfig_isKept_besideTheBalancing(String channelName) {
        source.publish("orders.shop:grpc", endpoint(one), endpoint(other));
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "scheme=xdslb",
                        "spring.grpc.client.channel.orders.target=${scheme}:///orders:grpc",
                        "spring.grpc.client.channel[shop.orders].target=xdslb:///orders:grpc")
                .run(context -> {
                    NettyGrpcChannelFactory factory = factory(context.getSourceApplicationContext());
                    Channel channel = factory.createChannel(channelName);
                    await().until(() -> call(channel).equals("one"));
                    await().until(() -> call(channel).equals("other"));
                    failing = "one";
                    for (int i = 0; i < 8; i++) { // about four at the one that fails, which ejects it at five
                        assertThat(call(channel)).isEqualTo("other");
                    }
                    assertThat(failed).hasPositiveValue();
                    factory.destroy();
                });
    }

    /** As Boot's auto-configuration of Spring gRPC does, which is not on this class path beside net.devh's. */
    @SuppressWarnings("unchecked")
    private static NettyGrpcChannelFactory factory(ApplicationContext context) {
        Environment environment = context.getEnvironment();
        GrpcChannelBuilderCustomizer<NettyChannelBuilder> ours = context.getBean(GrpcChannelBuilderCustomizer.class);
        ClientInterceptorsConfigurer interceptors = new ClientInterceptorsConfigurer(context);
        interceptors.afterPropertiesSet();
        NettyGrpcChannelFactory factory = new NettyGrpcChannelFactory(
                List.of(
                        ours,
                        (name, channel) ->
                                channel.defaultServiceConfig(retries()).enableRetry()),
                interceptors);
        factory.setCredentialsProvider(name -> InsecureChannelCredentials.create());
        factory.setVirtualTargets(name -> {
            String target = environment.getProperty("spring.grpc.client.channel." + name + ".target");
            String literal = environment.getProperty("spring.grpc.client.channel[" + name + "].target");
            return target != null ? target : literal != null ? literal : name;
        });
        return factory;
    }

    private static Map<String, ?> retries() {
        Map<String, ?> policy = Map.of(
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
        return Map.of("methodConfig", List.of(Map.of("name", List.of(Map.of()), "retryPolicy", policy)));
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
}
