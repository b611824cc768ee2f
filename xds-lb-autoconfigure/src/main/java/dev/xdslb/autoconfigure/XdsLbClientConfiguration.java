/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.springcloud.ApplicationStart;
import dev.xdslb.springcloud.ServiceClusters;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.springcloud.XdsLoadBalancer;
import dev.xdslb.springcloud.XdsServiceInstanceListSupplier;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.cloud.loadbalancer.support.LoadBalancerEnvironmentPropertyUtils;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Fallback;
import org.springframework.core.env.Environment;

/**
 * The beans of one service. Not a {@code @Configuration} that a scan could find: Spring Cloud LoadBalancer makes a context
 * for each service id and registers this class in it.
 *
 * <p>Everything is a {@link Fallback}, because Spring Cloud may register an application's own configuration before or
 * after this one, and a condition sees only what came before.
 */
@Conditional(OnBalancedService.class)
class XdsLbClientConfiguration {

    @Bean
    ServiceClusters xdsLbServiceClusters(
            Environment environment, ServiceNames names, ClusterRegistry registry, ApplicationStart start) {
        return new ServiceClusters(serviceId(environment), names, registry, start);
    }

    /** Is there also beside a list of the application's own, which may want to be based on it. */
    @Bean
    @Fallback
    XdsServiceInstanceListSupplier xdsLbServiceInstanceListSupplier(ServiceClusters clusters) {
        return new XdsServiceInstanceListSupplier(clusters);
    }

    @Bean
    @Fallback
    @ConditionalOnMissingBean(ReactorLoadBalancer.class)
    XdsLoadBalancer xdsLbLoadBalancer(
            ServiceClusters clusters, LoadBalancerClientFactory factory, Environment environment) {
        return new XdsLoadBalancer(
                clusters,
                factory.getLazyProvider(clusters.serviceId(), ServiceInstanceListSupplier.class),
                LoadBalancerEnvironmentPropertyUtils.trueOrMissingForClientOrDefault(
                        environment, "retry.avoid-previous-instance"));
    }

    @Bean
    SmartInitializingSingleton xdsLbBalancerCheck(Environment environment, ListableBeanFactory beanFactory) {
        return () -> BalancerBeans.checkService(serviceId(environment), beanFactory);
    }

    private static String serviceId(Environment environment) {
        return environment.getRequiredProperty(LoadBalancerClientFactory.PROPERTY_NAME);
    }
}
