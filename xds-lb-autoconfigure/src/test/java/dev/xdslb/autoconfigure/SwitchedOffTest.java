/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.springcloud.XdsLoadBalancer;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.core.RoundRobinLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;

/** An application that does not want to be balanced by this project, wholly or for some services. */
class SwitchedOffTest {
    private static final String EXCLUDED = "spring.autoconfigure.exclude="
            + String.join(
                    ",",
                    XdsLbAutoConfiguration.class.getName(),
                    XdsLbSpringCloudAutoConfiguration.class.getName(),
                    XdsLbBlockingHttpAutoConfiguration.class.getName(),
                    XdsLbWebClientAutoConfiguration.class.getName(),
                    XdsLbGrpcAutoConfiguration.class.getName());

    @Test
    void disabled_leavesTheApplicationAsItWas() {
        ApplicationContextRunner application = TestContexts.application();
        Set<String> without = beans(application.withPropertyValues(EXCLUDED));
        assertThat(without).contains("loadBalancerRequestFactory", "loadBalancerExchangeFilterFunction");
        assertThat(beans(application.withPropertyValues("xds-lb.enabled=false")))
                .isEqualTo(without);
    }

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
