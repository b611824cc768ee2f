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
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerServiceDefinition;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.ProtoUtils;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.ServerCalls;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.grpc.MetricCollectingClientInterceptor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import net.devh.boot.grpc.client.autoconfigure.GrpcClientMetricAutoConfiguration;
import net.devh.boot.grpc.client.inject.GrpcClient;
import net.devh.boot.grpc.client.interceptor.GrpcGlobalClientInterceptor;
import net.devh.boot.grpc.client.metrics.MetricsClientInterceptor;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.boot.health.contributor.Status;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What net.devh's starter loses on Spring Boot 4, in an application that has it: its meters and its health. */
class NetDevhTest {
    private static final MethodDescriptor<StringValue, StringValue> HELLO =
            MethodDescriptor.<StringValue, StringValue>newBuilder()
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("test.Greeter/Hello")
                    .setRequestMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .setResponseMarshaller(ProtoUtils.marshaller(StringValue.getDefaultInstance()))
                    .build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private Server server;

    @BeforeEach
    void startServer() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(ServerServiceDefinition.builder("test.Greeter")
                        .addMethod(HELLO, ServerCalls.asyncUnaryCall((request, answer) -> {
                            answer.onNext(request);
                            answer.onCompleted();
                        }))
                        .build())
                .build()
                .start();
        source.publish(
                "orders.shop:grpc",
                Endpoint.builder("127.0.0.1", server.getPort()).build());
    }

    @AfterEach
    void stopServer() {
        server.shutdownNow();
    }

    @Test
    void calls_areMeasured_byTheNamesThatItsUsersKnow() {
        // our own meters are configured after the registry as well, and would hide that nothing else puts net.devh's
        // there
        String ownMeters = "spring.autoconfigure.exclude=" + XdsLbMetricsAutoConfiguration.class.getName();
        application().withPropertyValues(ownMeters).run(context -> {
            for (int i = 0; i < 3; i++) {
                call(context.getBean(Caller.class).channel);
            }
            MeterRegistry registry = context.getBean(MeterRegistry.class);
            for (String name : new String[] {"grpc.client.requests.sent", "grpc.client.responses.received"}) {
                assertThat(registry.get(name)
                                .tags("service", "test.Greeter", "method", "Hello", "methodType", "UNARY")
                                .counter()
                                .count())
                        .as(name)
                        .isEqualTo(3);
            }
            assertThat(registry.get("grpc.client.processing.duration")
                            .tag("statusCode", "OK")
                            .timer()
                            .count())
                    .isEqualTo(3);
            await().untilAsserted(() -> assertThat(
                            registry.get("grpc.client.call.duration").timer().count())
                    .isEqualTo(3));
            assertThat(registry.get("grpc.client.attempt.started").counter().count())
                    .isEqualTo(3);
        });
    }

    @Test
    void channels_areInHealth_andOneThatCannotConnect_isOutOfService() {
        application().run(context -> {
            call(context.getBean(Caller.class).channel);
            Health well = health(context);
            assertThat(well.getStatus()).isEqualTo(Status.UP);
            assertThat(well.getDetails())
                    .hasEntrySatisfying("orders", state -> assertThat(state).hasToString("READY"));

            server.shutdownNow();
            await().untilAsserted(() -> {
                assertThatThrownBy(() -> call(context.getBean(Caller.class).channel))
                        .isInstanceOf(StatusRuntimeException.class);
                assertThat(health(context).getStatus()).isEqualTo(Status.OUT_OF_SERVICE);
            });
        });
    }

    @Test
    void meters_canBeSwitchedOff_asCanTheHealth() {
        application()
                .withPropertyValues(
                        "spring.autoconfigure.exclude=" + GrpcClientMetricAutoConfiguration.class.getName(),
                        "management.health.grpc-channel.enabled=false")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .doesNotHaveBean(MetricCollectingClientInterceptor.class)
                        .doesNotHaveBean(MetricsClientInterceptor.class)
                        .doesNotHaveBean("grpcChannelHealthIndicator"));
    }

    @Test
    void itsOwnProperty_switchesTheNewerMetersOff() {
        application()
                .withPropertyValues("grpc.metricsA66Enabled=false")
                .run(context -> assertThat(context)
                        .hasSingleBean(MetricCollectingClientInterceptor.class)
                        .doesNotHaveBean(MetricsClientInterceptor.class));
    }

    @Test
    void whereTheApplicationHasItsOwn_oursAreNotMade() {
        application().withUserConfiguration(Own.class).run(context -> {
            assertThat(context).hasSingleBean(MetricCollectingClientInterceptor.class);
            call(context.getBean(Caller.class).channel);
            assertThat(context.getBean(MeterRegistry.class)
                            .get("grpc.client.requests.sent")
                            .counter()
                            .count())
                    .isEqualTo(1);
        });
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withUserConfiguration(Caller.class)
                .withPropertyValues(
                        "grpc.client.orders.address=xdslb:///orders:grpc",
                        "grpc.client.orders.negotiation-type=plaintext");
    }

    private static Health health(ApplicationContext context) {
        return context.getBean("grpcChannelHealthIndicator", HealthIndicator.class)
                .health(true);
    }

    private static void call(Channel channel) {
        StringValue unused = ClientCalls.blockingUnaryCall(channel, HELLO, CallOptions.DEFAULT, StringValue.of("?"));
    }

    @Configuration(proxyBeanMethods = false)
    static class Caller {
        @GrpcClient("orders")
        Channel channel;
    }

    @Configuration(proxyBeanMethods = false)
    static class Own {
        @Bean
        @GrpcGlobalClientInterceptor
        MetricCollectingClientInterceptor own(MeterRegistry registry) {
            return new MetricCollectingClientInterceptor(registry);
        }
    }
}
