/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springgrpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.EndpointSnapshot;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.util.TestPropertyValues;
import org.springframework.cloud.context.refresh.ContextRefresher;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.ChannelBuilderOptions;
import org.springframework.grpc.client.GrpcChannelFactory;

/** Channels of Boot's own gRPC starter, in a real application, against real servers. */
class SpringGrpcStarterTest {
    private static final String ORDERS = "orders.shop:grpc";
    private static final MethodDescriptor<StringValue, StringValue> HELLO = method("Hello", MethodType.UNARY);
    private static final MethodDescriptor<StringValue, StringValue> SLOW = method("Slow", MethodType.UNARY);
    private static final MethodDescriptor<StringValue, StringValue> LIST = method("List", MethodType.SERVER_STREAMING);
    private static final MethodDescriptor<StringValue, StringValue> CHAT = method("Chat", MethodType.BIDI_STREAMING);

    private final FixedSource source = new FixedSource();
    private final AtomicInteger failed = new AtomicInteger();
    private volatile String failing = "";
    private Server one;
    private Server other;

    @BeforeEach
    void startServers() throws IOException {
        one = start("one");
        other = start("other");
        source.endpoints = List.of(endpoint(one), endpoint(other));
    }

    @AfterEach
    void stopServers() {
        one.shutdownNow();
        other.shutdownNow();
    }

    @Test
    void eachCallOfOneChannel_isBalanced() {
        run(context -> {
            Channel channel = channels(context).createChannel("orders");
            Map<String, Integer> answers = new HashMap<>();
            await().untilAsserted(() -> {
                answers.merge(call(channel), 1, Integer::sum);
                assertThat(answers).containsOnlyKeys("one", "other");
            });
        });
    }

    @Test
    void streams_areInFlight_untilTheyEnd() {
        run(context -> {
            Channel channel = channels(context).createChannel("orders");
            Iterator<StringValue> listed =
                    ClientCalls.blockingServerStreamingCall(channel, LIST, CallOptions.DEFAULT, StringValue.of("?"));
            assertThat(listed).toIterable().hasSize(3);

            Answers answers = new Answers();
            StreamObserver<StringValue> chat =
                    ClientCalls.asyncBidiStreamingCall(channel.newCall(CHAT, CallOptions.DEFAULT), answers);
            chat.onNext(StringValue.of("hello"));
            await().until(() -> answers.received.size() == 1);
            assertThat(inFlight(context)).isEqualTo(1);
            chat.onCompleted();
            await().until(() -> inFlight(context) == 0);
        });
    }

    @Test
    void deadlineOfTheChannel_isObeyed_andLeavesNothingInFlight() {
        run(
                context -> {
                    Channel channel = channels(context).createChannel("orders");
                    assertThatThrownBy(() -> ClientCalls.blockingUnaryCall(
                                    channel, SLOW, CallOptions.DEFAULT, StringValue.of("?")))
                            .isInstanceOfSatisfying(
                                    StatusRuntimeException.class,
                                    e -> assertThat(e.getStatus().getCode()).isEqualTo(Status.Code.DEADLINE_EXCEEDED));
                    await().until(() -> inFlight(context) == 0);
                },
                "spring.grpc.client.channel.orders.default.deadline=1s");
    }

    @Test
    void twoChannels_shareTheStateOfTheService_andHaveInterceptorsOfTheirOwn() {
        run(context -> {
            AtomicInteger intercepted = new AtomicInteger();
            Channel channel = channels(context)
                    .createChannel(
                            "orders",
                            ChannelBuilderOptions.defaults().withInterceptors(List.of(counting(intercepted))));
            Channel second = channels(context).createChannel("same-orders");
            for (int i = 0; i < 5; i++) {
                call(channel);
                call(second);
            }
            assertThat(intercepted).hasValue(5);
            assertThat(cluster(context).picker().totals().ended().succeeded()).isEqualTo(10);
        });
    }

    @Test
    void retriesOfTheProperties_areKept_besideTheBalancing() {
        run(
                context -> {
                    Channel channel = channels(context).createChannel("orders");
                    await().until(() -> call(channel).equals("one"));
                    await().until(() -> call(channel).equals("other"));
                    failing = "one";
                    for (int i = 0; i < 8; i++) { // about four at the one that fails, which is too few to eject it
                        assertThat(call(channel)).isEqualTo("other");
                    }
                    assertThat(failed)
                            .as("it was asked, and the retry went to the other one")
                            .hasPositiveValue();
                },
                "spring.grpc.client.channel.orders.service-config.method[0].name[0].service=test.Greeter",
                "spring.grpc.client.channel.orders.service-config.method[0].retry.max-attempts=3",
                "spring.grpc.client.channel.orders.service-config.method[0].retry.initial-backoff=1ms",
                "spring.grpc.client.channel.orders.service-config.method[0].retry.max-backoff=1ms",
                "spring.grpc.client.channel.orders.service-config.method[0].retry.backoff-multiplier=1",
                "spring.grpc.client.channel.orders.service-config.method[0].retry.retryable-status-codes=unavailable");
    }

    @Test
    void keepaliveAndIdleTimeOfTheProperties_areAccepted() {
        run(
                context -> assertThat(call(channels(context).createChannel("orders")))
                        .isIn("one", "other"),
                "spring.grpc.client.channel.orders.keepalive.time=10m",
                "spring.grpc.client.channel.orders.keepalive.timeout=20s",
                "spring.grpc.client.channel.orders.idle.timeout=30m");
    }

    @Test
    void refresh_changesTheStrategy_underAnOpenChannel() {
        run(context -> {
            Channel channel = channels(context).createChannel("orders");
            call(channel);
            assertThat(cluster(context).settings().strategyName()).isEqualTo("p2c-ewma");

            TestPropertyValues.of("xds-lb.strategy=round-robin").applyTo(context);
            context.getBean(ContextRefresher.class).refreshEnvironment();

            assertThat(cluster(context).settings().strategyName()).isEqualTo("round-robin");
            assertThat(call(channel)).isIn("one", "other");
        });
    }

    private void run(Consumer<ConfigurableApplicationContext> test, String... properties) {
        SpringApplicationBuilder application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .initializers(context -> context.getBeanFactory().registerSingleton("endpointSource", source))
                .properties(
                        "xds-lb.namespace=shop",
                        "spring.main.banner-mode=off",
                        "spring.grpc.client.channel.orders.target=xdslb:///orders:grpc",
                        "spring.grpc.client.channel.same-orders.target=xdslb:///orders.shop:grpc")
                .properties(properties);
        try (ConfigurableApplicationContext context = application.run()) {
            test.accept(context);
        }
    }

    private static GrpcChannelFactory channels(ConfigurableApplicationContext context) {
        return context.getBean(GrpcChannelFactory.class);
    }

    private static Cluster cluster(ConfigurableApplicationContext context) {
        return context.getBean(ClusterRegistry.class).cluster(ORDERS);
    }

    private static long inFlight(ConfigurableApplicationContext context) {
        return cluster(context).picker().totals().inFlight();
    }

    private static String call(Channel channel) {
        return ClientCalls.blockingUnaryCall(channel, HELLO, CallOptions.DEFAULT, StringValue.of("?"))
                .getValue();
    }

    private static ClientInterceptor counting(AtomicInteger calls) {
        return new ClientInterceptor() {
            @Override
            public <Q, P> ClientCall<Q, P> interceptCall(
                    MethodDescriptor<Q, P> method, CallOptions options, Channel next) {
                calls.incrementAndGet();
                return next.newCall(method, options);
            }
        };
    }

    private static Endpoint endpoint(Server server) {
        return Endpoint.builder("127.0.0.1", server.getPort()).build();
    }

    private static MethodDescriptor<StringValue, StringValue> method(String name, MethodType type) {
        return MethodDescriptor.<StringValue, StringValue>newBuilder()
                .setType(type)
                .setFullMethodName("test.Greeter/" + name)
                .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .build();
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
                        .addMethod(SLOW, ServerCalls.asyncUnaryCall((request, answer) -> {}))
                        .addMethod(LIST, ServerCalls.asyncServerStreamingCall((request, answer) -> {
                            for (int i = 0; i < 3; i++) {
                                answer.onNext(StringValue.of(name));
                            }
                            answer.onCompleted();
                        }))
                        .addMethod(CHAT, ServerCalls.asyncBidiStreamingCall(Echo::new))
                        .build())
                .build()
                .start();
    }

    /** Sends back what comes. */
    private record Echo(StreamObserver<StringValue> answers) implements StreamObserver<StringValue> {
        @Override
        public void onNext(StringValue message) {
            answers.onNext(message);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
            answers.onCompleted();
        }
    }

    /** Keeps what comes. */
    private static final class Answers implements StreamObserver<StringValue> {
        private final ConcurrentLinkedQueue<StringValue> received = new ConcurrentLinkedQueue<>();

        @Override
        public void onNext(StringValue message) {
            received.add(message);
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {}
    }

    /** Says at once which endpoints there are. */
    private static final class FixedSource implements EndpointSource {
        private volatile List<Endpoint> endpoints = List.of();

        @Override
        public Subscription subscribe(String resource, Watcher watcher) {
            watcher.onSnapshot(new EndpointSnapshot(resource, "v1", endpoints));
            return () -> {};
        }

        @Override
        public String description() {
            return "the test";
        }

        @Override
        public void close() {}
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}
}
