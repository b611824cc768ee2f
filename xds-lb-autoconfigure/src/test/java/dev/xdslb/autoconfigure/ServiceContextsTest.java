/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.springcloud.ServiceClusters;
import dev.xdslb.springcloud.XdsLoadBalancer;
import dev.xdslb.springcloud.XdsServiceInstanceListSupplier;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import reactor.core.publisher.Flux;

/** Spring Cloud's contexts, one for each service, are made where they hold something, and only there. */
class ServiceContextsTest {
    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void servicesWithoutSettings_haveNoContext() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source).run(context -> {
            LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
            assertThat(factory.getInstance("orders"))
                    .isInstanceOf(XdsLoadBalancer.class)
                    .isSameAs(factory.getInstance("orders", ReactorServiceInstanceLoadBalancer.class));
            assertThat(factory.getInstance("orders", ServiceInstanceListSupplier.class))
                    .isInstanceOf(XdsServiceInstanceListSupplier.class);
            assertThat(factory.getInstances("orders", ServiceInstanceListSupplier.class))
                    .hasSize(1);
            assertThat(factory.getInstance("orders", String.class)).isNull();
            assertThat(factory.getInstances("orders", LoadBalancerLifecycle.class))
                    .isEqualTo(context.getBeansOfType(LoadBalancerLifecycle.class));
            for (int i = 0; i < 2_000; i++) { // more than are kept
                assertThat(factory.getInstance("host-" + i)).isInstanceOf(XdsLoadBalancer.class);
            }
            assertThat(factory.getContextNames()).isEmpty();
        });
    }

    static Stream<ApplicationContextRunner> settings() {
        ApplicationContextRunner application = TestContexts.application();
        return Stream.of(
                application.withUserConfiguration(OfOneService.class),
                application.withUserConfiguration(OfAllServices.class),
                application.withBean(OwnBean.class, OwnBean::new).withUserConfiguration(OfOneService.class),
                application.withPropertyValues("spring.cloud.loadbalancer.configurations=zone-preference"),
                application.withPropertyValues(
                        "spring.cloud.loadbalancer.clients.orders.configurations=zone-preference"),
                application.withPropertyValues("xds-lb.clients.orders.enabled=false"));
    }

    @ParameterizedTest
    @MethodSource("settings")
    void serviceWithSettings_hasItsContext(ApplicationContextRunner application) {
        application
                .withBean(dev.xdslb.cluster.EndpointSource.class, () -> source)
                .run(context -> {
                    LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
                    factory.getInstance("orders");
                    assertThat(factory.getContextNames()).containsExactly("orders");
                });
    }

    @Test
    void serviceInUse_keepsItsBalancer_howeverManyNamesAreMadeUp() {
        TestContexts.fedBy(source).run(context -> {
            LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
            for (int i = 0; i < 1_500; i++) { // more than are kept
                factory.getInstance("made-up-" + i);
            }
            Object late = factory.getInstance("late");
            for (int i = 0; i < 5_000; i++) {
                factory.getInstance("more-" + i);
                assertThat((Object) factory.getInstance("late")).isSameAs(late);
            }
        });
    }

    @Test
    void listOfTheApplicationsOwnContext_isObeyedForEachService() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).build(),
                Endpoint.builder("10.0.0.2", 8080).build());
        TestContexts.fedBy(source).withUserConfiguration(OwnList.class).run(context -> {
            org.springframework.cloud.client.loadbalancer.LoadBalancerClient client =
                    context.getBean(org.springframework.cloud.client.loadbalancer.LoadBalancerClient.class);
            for (int i = 0; i < 20; i++) {
                assertThat(client.choose("orders").getHost()).isEqualTo("10.0.0.2");
            }
        });
    }

    @Test
    void configurationOfOneService_leavesTheOthersWithoutContext() {
        TestContexts.fedBy(source).withUserConfiguration(OfOneService.class).run(context -> {
            LoadBalancerClientFactory factory = context.getBean(LoadBalancerClientFactory.class);
            assertThat(factory.getInstance("orders", OwnBean.class)).isNotNull();
            assertThat(factory.getInstance("billing", OwnBean.class)).isNull();
            assertThat(factory.getInstance("billing", ServiceClusters.class)).isNotNull();
            assertThat(factory.getContextNames()).containsExactly("orders");
        });
    }

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClient(name = "orders", configuration = OwnBeans.class)
    static class OfOneService {}

    @Configuration(proxyBeanMethods = false)
    @LoadBalancerClients(defaultConfiguration = OwnBeans.class)
    static class OfAllServices {}

    static class OwnBeans {
        @Bean
        OwnBean ownBean() {
            return new OwnBean();
        }
    }

    static final class OwnBean {}

    @Configuration(proxyBeanMethods = false)
    static class OwnList {
        @Bean
        ServiceInstanceListSupplier ownList() {
            return new ServiceInstanceListSupplier() {
                @Override
                public String getServiceId() {
                    return "orders";
                }

                @Override
                public Flux<List<ServiceInstance>> get() {
                    return Flux.just(
                            List.of(new DefaultServiceInstance("orders-2", "orders", "10.0.0.2", 8080, false)));
                }
            };
        }
    }
}
