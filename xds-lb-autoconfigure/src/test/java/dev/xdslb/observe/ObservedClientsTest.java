/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.google.protobuf.StringValue;
import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.endpoint.Endpoint;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.micrometer.common.KeyValue;
import io.micrometer.core.instrument.binder.grpc.ObservationGrpcClientInterceptor;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/** The observation of a client's request says where it went. */
class ObservedClientsTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final List<Observation.Context> observed = new CopyOnWriteArrayList<>();
    private TestPod pod;

    @BeforeEach
    void start() throws Exception {
        pod = new TestPod();
        source.publish("orders.shop", pod.endpoint());
    }

    @AfterEach
    void stop() {
        pod.close();
    }

    @Test
    void restClient() {
        assertEndpointIsTold(context -> context.getBean(RestClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/ok")
                .retrieve()
                .body(String.class));
    }

    @Test
    void restTemplate() {
        assertEndpointIsTold(
                context -> context.getBean(RestTemplate.class).getForObject("http://orders/ok", String.class));
    }

    @Test
    void webClient() {
        assertEndpointIsTold(context -> context.getBean(WebClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/ok")
                .retrieve()
                .bodyToMono(String.class)
                .block());
    }

    /** With a channel as Boot's auto-configuration of Spring gRPC makes it: our customizer first, then the interceptors. */
    @Test
    @SuppressWarnings("unchecked")
    void grpc() throws Exception {
        MethodDescriptor<StringValue, StringValue> hello = MethodDescriptor.<StringValue, StringValue>newBuilder()
                .setType(MethodDescriptor.MethodType.UNARY)
                .setFullMethodName("test.Greeter/Hello")
                .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                .build();
        Server server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder("test.Greeter")
                        .addMethod(hello, ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(request);
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        source.publish(
                "orders.shop:grpc",
                Endpoint.builder("127.0.0.1", server.getPort()).build());
        application().run(context -> {
            NettyChannelBuilder builder =
                    NettyChannelBuilder.forTarget("xdslb:///orders:grpc").usePlaintext();
            context.getBean(GrpcChannelBuilderCustomizer.class).customize("orders", builder);
            builder.intercept(new ObservationGrpcClientInterceptor(context.getBean(ObservationRegistry.class)));
            ManagedChannel channel = builder.build();
            ClientCalls.blockingUnaryCall(channel, hello, CallOptions.DEFAULT, StringValue.of("?"));
            await().until(() -> !observed.isEmpty());
            assertThat(endpoints()).containsExactly("127.0.0.1:" + server.getPort());
            channel.shutdownNow();
        });
        server.shutdownNow();
    }

    @Test
    @SuppressWarnings("try") // it is there for as long as the block lasts
    void clientThatIsNotObserved_tellsNothingToTheObservationAroundIt() {
        application().withPropertyValues("test.unobserved=true").run(context -> {
            ObservationRegistry registry = context.getBean(ObservationRegistry.class);
            Observation around = Observation.start("around", registry);
            try (Observation.Scope scope = around.openScope()) {
                context.getBean(RestClient.Builder.class)
                        .build()
                        .get()
                        .uri("http://orders/ok")
                        .retrieve()
                        .body(String.class);
            }
            around.stop();
            assertThat(endpoints()).isEmpty();
        });
    }

    @Test
    void withoutMicrometer_clientsWork() {
        application()
                .withClassLoader(new FilteredClassLoader("io.micrometer.observation.contextpropagation"))
                .run(context -> assertThat(context).hasNotFailed());
    }

    private void assertEndpointIsTold(Consumer<ApplicationContext> request) {
        application().run(context -> {
            request.accept(context);
            assertThat(endpoints()).containsExactly("127.0.0.1:" + pod.port());
        });
    }

    private List<String> endpoints() {
        List<String> endpoints = new ArrayList<>();
        for (Observation.Context context : observed) {
            KeyValue endpoint = context.getHighCardinalityKeyValue(MeterKey.ENDPOINT.asString());
            if (endpoint != null) {
                endpoints.add(endpoint.getValue());
            }
            assertThat(context.getLowCardinalityKeyValue(MeterKey.ENDPOINT.asString()))
                    .isNull();
        }
        return endpoints;
    }

    private ApplicationContextRunner application() {
        ObservationRegistry registry = ObservationRegistry.create();
        registry.observationConfig().observationHandler(new Recorder(observed));
        return TestContexts.fedBy(source)
                .withBean(ObservationRegistry.class, () -> registry)
                .withUserConfiguration(Clients.class);
    }

    private record Recorder(List<Observation.Context> observed) implements ObservationHandler<Observation.Context> {
        @Override
        public void onStop(Observation.Context context) {
            observed.add(context);
        }

        @Override
        public boolean supportsContext(Observation.Context context) {
            return true;
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder restClientBuilder(ObjectProvider<ObservationRegistry> registry, Environment environment) {
            RestClient.Builder builder = RestClient.builder();
            return environment.containsProperty("test.unobserved")
                    ? builder
                    : builder.observationRegistry(registry.getObject());
        }

        @Bean
        @LoadBalanced
        RestTemplate restTemplate(ObservationRegistry registry) {
            RestTemplate template = new RestTemplate();
            template.setObservationRegistry(registry);
            return template;
        }

        @Bean
        @LoadBalanced
        WebClient.Builder webClientBuilder(ObservationRegistry registry) {
            return WebClient.builder().observationRegistry(registry);
        }
    }
}
