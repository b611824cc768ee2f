/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.http.blocking.LeasedRequestFactory;
import dev.xdslb.http.webclient.LeasedLoadBalancerFilter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;

/** The starter works whichever of the clients that it knows the application has. */
class OptionalJarsTest {
    private static final String SPRING_CLOUD_LOAD_BALANCER = "org.springframework.cloud.loadbalancer";

    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void withEverything_configuresEverything() {
        application()
                .run(context -> assertThat(context)
                        .hasSingleBean(ClusterRegistry.class)
                        .hasSingleBean(LeasedRequestFactory.class)
                        .hasSingleBean(LeasedLoadBalancerFilter.class)
                        .hasSingleBean(GrpcRegistration.class));
    }

    @Test
    void withoutWebFlux() {
        without("org.springframework.web.reactive").run(context -> {
            assertThat(context).hasNotFailed().hasSingleBean(LeasedRequestFactory.class);
            assertThat(context.getBeanDefinitionNames()).doesNotContain("xdsLbLoadBalancerFilter");
            assertThat(context.getBean(LoadBalancerClient.class).choose("orders"))
                    .isNotNull();
        });
    }

    @Test
    void withoutGrpcStarters() {
        without("net.devh", "org.springframework.grpc")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(GrpcRegistration.class));
    }

    @Test
    void withoutSpringCloudLoadBalancer_stillServesGrpc() {
        without(SPRING_CLOUD_LOAD_BALANCER)
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(ClusterRegistry.class)
                        .hasSingleBean(GrpcRegistration.class)
                        .doesNotHaveBean(LoadBalancerClientFactory.class));
    }

    @Test
    void withoutBootsClientModules() {
        without("org.springframework.boot.restclient", "org.springframework.boot.webclient")
                .run(context -> assertThat(context)
                        .hasNotFailed()
                        .hasSingleBean(LeasedRequestFactory.class)
                        .hasSingleBean(LeasedLoadBalancerFilter.class));
    }

    @Test
    void withoutRetry() {
        without("org.springframework.retry")
                .run(context -> assertThat(context).hasNotFailed().hasSingleBean(LeasedRequestFactory.class));
    }

    @Test
    void withoutActuator_withoutHealth_withoutMicrometersMeters() {
        for (List<String> missing : List.of(
                List.of("org.springframework.boot.actuate"),
                List.of("org.springframework.boot.health"),
                List.of("io.micrometer.core", "org.springframework.boot.micrometer"),
                List.of(
                        "org.springframework.boot.actuate",
                        "org.springframework.boot.health",
                        "io.micrometer.core",
                        "org.springframework.boot.micrometer"))) {
            without(missing.toArray(String[]::new))
                    .withConfiguration(AutoConfigurations.of(
                            XdsLbHealthAutoConfiguration.class,
                            XdsLbMetricsAutoConfiguration.class,
                            XdsLbActuatorAutoConfiguration.class,
                            XdsLbNetDevhMetricsAutoConfiguration.class,
                            XdsLbNetDevhHealthAutoConfiguration.class,
                            XdsLbObservationAutoConfiguration.class))
                    .run(context -> assertThat(context)
                            .as("%s", missing)
                            .hasNotFailed()
                            .hasSingleBean(LeasedRequestFactory.class));
        }
    }

    private ApplicationContextRunner application() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        return TestContexts.fedBy(source);
    }

    /** Configures what this project and Spring Cloud LoadBalancer bring, and nothing of the jars that are taken away. */
    private ApplicationContextRunner without(String... packages) {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        return new ApplicationContextRunner()
                .withConfiguration(AutoConfigurations.of(
                        XdsLbAutoConfiguration.class,
                        XdsLbSpringCloudAutoConfiguration.class,
                        XdsLbBlockingHttpAutoConfiguration.class,
                        XdsLbWebClientAutoConfiguration.class,
                        XdsLbGrpcAutoConfiguration.class))
                .withConfiguration(
                        List.of(packages).contains(SPRING_CLOUD_LOAD_BALANCER)
                                ? AutoConfigurations.of()
                                : AutoConfigurations.of(
                                        LoadBalancerAutoConfiguration.class,
                                        BlockingLoadBalancerClientAutoConfiguration.class,
                                        ReactorLoadBalancerClientAutoConfiguration.class))
                .withPropertyValues("xds-lb.namespace=shop")
                .withBean(EndpointSource.class, () -> source)
                .withClassLoader(new FilteredClassLoader(packages));
    }
}
