/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.firstcalls;

import com.google.protobuf.StringValue;
import dev.xdslb.client.XdsLb;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cEwma;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import net.devh.boot.grpc.client.inject.GrpcClient;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.grpc.client.ClientInterceptorsConfigurer;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.NettyGrpcChannelFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.support.RestClientAdapter;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;

/**
 * An application as somebody writes it in the first hour, in a JVM of its own: it starts, makes its first calls one after
 * another, and ends. Its strategy is the default one.
 */
final class ColdClient {
    static final MethodDescriptor<StringValue, StringValue> HELLO =
            MethodDescriptor.<StringValue, StringValue>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("test.Greeter/Hello")
                    .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .build();

    /** Nobody listens there: the endpoints of the configuration are all there are. */
    private static final String NO_CONTROL_PLANE = "127.0.0.1:1";

    private ColdClient() {}

    /** The ways to call that the README names. */
    enum Kind {
        REST_CLIENT(false),
        HTTP_INTERFACE(false),
        NET_DEVH(true),
        SPRING_GRPC(true),
        PLAIN_GRPC(true);

        private final boolean grpc;

        Kind(boolean grpc) {
            this.grpc = grpc;
        }

        boolean isGrpc() {
            return grpc;
        }
    }

    /**
     * Makes the calls.
     *
     * @param arguments the kind of client, the number of calls, and the pods as {@code host:port}
     */
    public static void main(String[] arguments) {
        Kind kind = Kind.valueOf(arguments[0]);
        int calls = Integer.parseInt(arguments[1]);
        List<String> pods = Arrays.asList(arguments).subList(2, arguments.length);
        if (kind == Kind.PLAIN_GRPC) {
            withoutSpring(calls, pods);
        } else {
            try (ConfigurableApplicationContext application = start(pods)) {
                make(calls, call(kind, application));
            }
        }
        System.exit(0); // whatever thread somebody left behind
    }

    private static ConfigurableApplicationContext start(List<String> pods) {
        SpringApplication application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .build();
        return application.run(
                "--spring.main.banner-mode=off",
                "--spring.cloud.discovery.enabled=false",
                "--xds-lb.namespace=shop",
                "--xds-lb.control-plane.address=" + NO_CONTROL_PLANE,
                "--xds-lb.initial-fetch-timeout=1s",
                "--xds-lb.clients.orders.endpoints=" + String.join(",", pods),
                "--grpc.client.orders.address=xdslb:///orders",
                "--grpc.client.orders.negotiation-type=plaintext");
    }

    private static Runnable call(Kind kind, ConfigurableApplicationContext application) {
        RestClient.Builder builder = application.getBean(RestClient.Builder.class);
        return switch (kind) {
            case REST_CLIENT ->
                () -> builder.build()
                        .get()
                        .uri("http://orders/ok")
                        .retrieve()
                        .body(String.class); // as the README has it
            case HTTP_INTERFACE -> {
                Orders orders = HttpServiceProxyFactory.builderFor(RestClientAdapter.create(
                                builder.baseUrl("http://orders").build()))
                        .build()
                        .createClient(Orders.class);
                yield orders::ok;
            }
            case NET_DEVH -> () -> hello(application.getBean(GrpcStub.class).channel);
            case SPRING_GRPC -> {
                NettyGrpcChannelFactory channels = new NettyGrpcChannelFactory(
                        customizers(application), new ClientInterceptorsConfigurer(application));
                ManagedChannel channel = channels.createChannel("xdslb:///orders");
                yield () -> hello(channel);
            }
            case PLAIN_GRPC -> throw new IllegalArgumentException(kind + " (expected: one that uses Spring)");
        };
    }

    @SuppressWarnings("unchecked") // those of any channel builder suit this one
    private static List<GrpcChannelBuilderCustomizer<NettyChannelBuilder>> customizers(
            ConfigurableApplicationContext application) {
        return application
                .getBeanProvider(GrpcChannelBuilderCustomizer.class)
                .orderedStream()
                .map(customizer -> (GrpcChannelBuilderCustomizer<NettyChannelBuilder>) customizer)
                .toList();
    }

    private static void withoutSpring(int calls, List<String> pods) {
        List<Endpoint> endpoints = pods.stream()
                .map(pod -> Endpoint.builder(
                                pod.substring(0, pod.indexOf(':')),
                                Integer.parseInt(pod.substring(pod.indexOf(':') + 1)))
                        .build())
                .collect(Collectors.toList());
        try (XdsLb xdsLb = XdsLb.builder()
                .controlPlane(NO_CONTROL_PLANE)
                .namespace("shop")
                .clusterSettings(resource -> new ClusterSettings(
                        new P2cEwma(ClusterRegistry.THREAD_LOCAL_RANDOM),
                        PolicySettings.DEFAULT,
                        Duration.ofSeconds(1),
                        any -> endpoints))
                .build()) {
            NettyChannelBuilder builder =
                    NettyChannelBuilder.forTarget("xdslb:///orders.shop:8080").usePlaintext();
            xdsLb.bind(builder);
            ManagedChannel channel = builder.build();
            make(calls, () -> hello(channel));
            channel.shutdownNow();
        }
    }

    private static void make(int calls, Runnable call) {
        for (int i = 0; i < calls; i++) {
            call.run();
        }
    }

    private static void hello(Channel channel) {
        ClientCalls.blockingUnaryCall(channel, HELLO, CallOptions.DEFAULT.withWaitForReady(), StringValue.of("?"));
    }

    /** An HTTP interface. */
    interface Orders {
        @GetExchange("/ok")
        String ok();
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        @LoadBalanced
        RestClient.Builder restClientBuilder() {
            return RestClient.builder();
        }

        @Bean
        GrpcStub grpcStub() {
            return new GrpcStub();
        }
    }

    static class GrpcStub {
        @GrpcClient("orders")
        Channel channel;
    }
}
