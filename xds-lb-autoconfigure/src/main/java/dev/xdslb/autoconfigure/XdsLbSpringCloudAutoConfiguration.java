/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.UncountedRequests;
import dev.xdslb.springcloud.ApplicationStart;
import dev.xdslb.springcloud.DiscoveryClientEndpoints;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for Spring Cloud LoadBalancer: every service id is balanced by the
 * cluster that it stands for, unless the application declares a balancer of its own.
 */
@AutoConfiguration(
        after = XdsLbAutoConfiguration.class,
        before = org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration.class)
@ConditionalOnClass(ReactorServiceInstanceLoadBalancer.class)
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled"},
        matchIfMissing = true)
@LoadBalancerClients(defaultConfiguration = XdsLbClientConfiguration.class)
public final class XdsLbSpringCloudAutoConfiguration {

    @Bean
    ApplicationStart xdsLbApplicationStart() {
        return new ApplicationStart();
    }

    @Bean
    @ConditionalOnMissingBean
    DiscoveryFallback xdsLbDiscoveryFallback(ObjectProvider<DiscoveryClient> discoveryClients, ApplicationStart start) {
        return (serviceId, port) ->
                new DiscoveryClientEndpoints(discoveryClients::getIfAvailable, start, serviceId, port);
    }

    @Bean
    @ConditionalOnMissingBean
    UncountedRequests xdsLbUncountedRequests() {
        return new UncountedRequests();
    }

    /** Looks at the balancers while the application starts, and makes those of the configured services ready. */
    @Bean
    SmartInitializingSingleton xdsLbConfiguredBalancers(
            ListableBeanFactory beanFactory, LoadBalancerClientFactory factory, XdsLbProperties properties) {
        return () -> {
            BalancerBeans.checkApplication(beanFactory);
            properties.clients().forEach((serviceId, client) -> {
                if (client.enabled()) {
                    factory.getInstance(serviceId);
                }
            });
        };
    }
}
