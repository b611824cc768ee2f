/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.springcloud.XdsLoadBalancer;
import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.NameResolverProvider;
import io.grpc.NameResolverRegistry;
import io.grpc.Server;
import io.grpc.ServerBuilder;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.context.annotation.ImportCandidates;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;

/** An application that does not want to be balanced by this project, wholly or for some services. */
class SwitchedOffTest {
    private static final String EXCLUDED = "spring.autoconfigure.exclude="
            + StreamSupport.stream(
                            ImportCandidates.load(AutoConfiguration.class, SwitchedOffTest.class.getClassLoader())
                                    .spliterator(),
                            false)
                    .filter(name -> name.startsWith("dev.xdslb."))
                    .collect(Collectors.joining(","));

    @Test
    void disabled_leavesTheApplicationAsItWas() {
        ApplicationContextRunner application = TestContexts.application();
        Set<String> without = beans(application.withPropertyValues(EXCLUDED));
        assertThat(without).contains("loadBalancerRequestFactory", "loadBalancerExchangeFilterFunction");
        Set<String> switchedOff = beans(application.withPropertyValues("xds-lb.enabled=false"));
        switchedOff.removeIf(name -> name.contains("xdsLbPlainTargets") || name.contains("XdsLbSwitchedOff"));
        // Whether these find Boot's registry of meters depends on their order, and that on who else is there.
        Stream.of(without, switchedOff)
                .forEach(names ->
                        names.removeIf(name -> name.contains("GrpcClient") || name.contains("ClientInterceptor")));
        assertThat(switchedOff).as("but for targets of gRPC").isEqualTo(without);
    }

    @Test
    void disabled_looksTargetsOfGrpcUpAsHosts() throws IOException {
        Server server = ServerBuilder.forPort(0).build().start();
        try {
            TestContexts.application()
                    .withPropertyValues("xds-lb.enabled=false")
                    .run(context -> {
                        assertThat(context).hasNotFailed();
                        assertThat(call("xdslb:///localhost:" + server.getPort())
                                        .getCode())
                                .as("it reached the server, which has no methods")
                                .isEqualTo(Status.Code.UNIMPLEMENTED);
                        assertThat(call("xdslb:///orders.shop:grpc").getDescription())
                                .contains("xds-lb.enabled is false")
                                .contains("xdslb:///<service>.<namespace>:<number>");
                        assertThat(call("xdslb:///no host").getDescription()).contains("xds-lb.enabled is false");
                    });
        } finally {
            server.shutdownNow();
        }
        assertThat(NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb"))
                .as("taken back with the application")
                .isNull();
    }

    @Test
    void disabled_leavesTheTargetsOfAnotherApplicationInTheProcessAlone() {
        TestContexts.fedBy(new FakeEndpointSource()).run(balanced -> {
            assertThat(balanced).hasNotFailed();
            NameResolverProvider provider =
                    NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb");
            TestContexts.application()
                    .withPropertyValues("xds-lb.enabled=false")
                    .run(disabled -> assertThat(
                                    NameResolverRegistry.getDefaultRegistry().getProviderForScheme("xdslb"))
                            .isNotNull()
                            .isSameAs(provider));
        });
    }

    private static Status call(String target) {
        ManagedChannel channel = ManagedChannelBuilder.forTarget(target.replace(" ", "%20"))
                .usePlaintext()
                .build();
        try {
            MethodDescriptor<byte[], byte[]> method = MethodDescriptor.<byte[], byte[]>newBuilder(BYTES, BYTES)
                    .setType(MethodDescriptor.MethodType.UNARY)
                    .setFullMethodName("test/Method")
                    .build();
            ClientCalls.blockingUnaryCall(
                    channel, method, CallOptions.DEFAULT.withDeadlineAfter(30, TimeUnit.SECONDS), new byte[0]);
            return Status.OK;
        } catch (StatusRuntimeException e) {
            return e.getStatus();
        } finally {
            channel.shutdownNow();
        }
    }

    private static final MethodDescriptor.Marshaller<byte[]> BYTES = new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            return new byte[0];
        }
    };

    @Test
    void disabledSpringCloudLoadBalancer_leavesNoHalf() {
        TestContexts.fedBy(new FakeEndpointSource())
                .withPropertyValues("spring.cloud.loadbalancer.enabled=false")
                .run(context -> {
                    assertThat(context).hasNotFailed().hasSingleBean(ClusterRegistry.class);
                    assertThat(context).doesNotHaveBean(LoadBalancerClientFactory.class);
                });
    }

    @Test
    void disabledService_isLeftToSpringCloud_andTheOthersAreNot() {
        FakeEndpointSource source = new FakeEndpointSource();
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.clients.legacy.enabled=false",
                        "xds-lb.clients.orders.enabled=true",
                        "spring.cloud.discovery.enabled=true",
                        "spring.cloud.discovery.client.simple.instances.legacy[0].uri=http://10.9.9.9:1234")
                .run(context -> {
                    LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
                    assertThat(factory.getInstance("legacy")).isInstanceOf(RoundRobinLoadBalancer.class);
                    assertThat(factory.getInstance("orders")).isInstanceOf(XdsLoadBalancer.class);
                    assertThat(factory.getInstance("anything-else")).isInstanceOf(XdsLoadBalancer.class);
                    ServiceInstance instance =
                            context.getBean(LoadBalancerClient.class).choose("legacy");
                    assertThat(instance.getHost()).isEqualTo("10.9.9.9");
                    assertThat(source.subscribed()).containsExactly("orders.shop");
                });
    }

    @Test
    void closedApplication_closesTheSource() {
        FakeEndpointSource source = new FakeEndpointSource();
        TestContexts.fedBy(source).run(context -> assertThat(source.isClosed()).isFalse());
        assertThat(source.isClosed()).isTrue();
    }

    private static Set<String> beans(ApplicationContextRunner application) {
        Set<String> names = new TreeSet<>();
        application.run(context -> {
            assertThat(context).hasNotFailed();
            names.addAll(Set.of(context.getBeanDefinitionNames()));
        });
        return names;
    }
}
