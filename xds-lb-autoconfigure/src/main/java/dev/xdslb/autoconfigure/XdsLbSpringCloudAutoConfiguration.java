/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.http.UnknownClients;
import dev.xdslb.springcloud.ApplicationStart;
import dev.xdslb.springcloud.DiscoveryClientEndpoints;
import dev.xdslb.springcloud.ReactiveDiscovery;
import dev.xdslb.springcloud.ServiceBalancers;
import dev.xdslb.springcloud.ServiceClusters;
import dev.xdslb.springcloud.ServiceNames;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.discovery.DiscoveryClient;
import org.springframework.cloud.client.discovery.ReactiveDiscoveryClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClientsProperties;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClientSpecification;
import org.springframework.cloud.loadbalancer.annotation.LoadBalancerClients;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

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

    /** Declared by its general type: Spring Cloud looks for exactly that when it prepares contexts ahead of time. */
    @Bean
    @ConditionalOnMissingBean
    LoadBalancerClientFactory loadBalancerClientFactory(
            LoadBalancerClientsProperties properties,
            ObjectProvider<List<LoadBalancerClientSpecification>> specifications,
            XdsLbProperties ownProperties,
            ServiceNames names,
            ObjectProvider<ClusterRegistry> registry,
            ApplicationStart start) {
        ServiceBalancers balancers = new ServiceBalancers(
                properties,
                XdsLbClientConfiguration.class,
                serviceId -> ownProperties.isEnabledFor(serviceId)
                        ? new ServiceClusters(serviceId, names, registry.getObject(), start)
                        : null);
        balancers.setConfigurations(specifications.getIfAvailable(List::of));
        return balancers;
    }

    @Bean
    @ConditionalOnMissingBean
    DiscoveryFallback xdsLbDiscoveryFallback(
            ObjectProvider<DiscoveryClient> discoveryClients,
            ObjectProvider<ReactiveDiscoveryClient> reactiveClients,
            Environment environment,
            ApplicationStart start) {
        boolean blocking = environment.getProperty("spring.cloud.discovery.blocking.enabled", Boolean.class, true);
        return (serviceId, port) -> new DiscoveryClientEndpoints(
                () -> discovery(blocking ? null : reactiveClients.getIfAvailable(), discoveryClients),
                start,
                serviceId,
                port);
    }

    /** Where the blocking ones are switched off, there is one all the same, which knows nothing. */
    private static @Nullable DiscoveryClient discovery(
            @Nullable ReactiveDiscoveryClient reactive, ObjectProvider<DiscoveryClient> blocking) {
        return reactive == null ? blocking.getIfAvailable() : new ReactiveDiscovery(reactive);
    }

    @Bean
    @ConditionalOnMissingBean
    UnknownClients xdsLbUnknownClients() {
        return new UnknownClients();
    }

    /** Looks at the balancers while the application starts, and makes those of the configured services ready. */
    @Bean
    SmartInitializingSingleton xdsLbConfiguredBalancers(
            ListableBeanFactory beanFactory,
            LoadBalancerClientFactory factory,
            XdsLbProperties properties,
            Environment environment) {
        return () -> {
            BalancerBeans.checkApplication(beanFactory);
            SpringCloudLists.warnOfWhatHasNoEffect(environment);
            properties.clients().forEach((serviceId, client) -> {
                if (client.enabled()) {
                    factory.getInstance(serviceId);
                }
            });
        };
    }
}
