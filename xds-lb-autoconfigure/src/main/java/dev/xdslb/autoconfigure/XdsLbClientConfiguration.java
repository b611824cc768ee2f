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
import org.springframework.beans.factory.BeanFactoryUtils;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ServiceInstanceListSupplier;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.cloud.loadbalancer.support.LoadBalancerEnvironmentPropertyUtils;
import org.springframework.context.ApplicationContext;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Conditional;
import org.springframework.context.annotation.Fallback;
import org.springframework.context.annotation.Import;
import org.springframework.core.env.Environment;
import org.springframework.web.accept.ApiVersionParser;
import org.springframework.web.accept.SemanticApiVersionParser;

/**
 * The beans of one service. Not a {@code @Configuration} that a scan could find: Spring Cloud LoadBalancer makes a context
 * for each service id and registers this class in it.
 *
 * <p>Everything is a {@link Fallback}, because Spring Cloud may register an application's own configuration before or
 * after this one, and a condition sees only what came before.
 */
@Conditional(OnBalancedService.class)
@Import(XdsLbClientConfiguration.ApiVersions.class)
public class XdsLbClientConfiguration {

    @Bean
    ServiceClusters xdsLbServiceClusters(
            Environment environment, ServiceNames names, ClusterRegistry registry, ApplicationStart start) {
        return new ServiceClusters(serviceId(environment), names, registry, start);
    }

    /** Is there also beside a list of the application's own, which may want to be based on it. */
    @Bean
    @Fallback
    XdsServiceInstanceListSupplier xdsLbServiceInstanceListSupplier(
            ServiceClusters clusters, ConfigurableApplicationContext context, LoadBalancerClientFactory factory) {
        return new SpringCloudLists(clusters.serviceId(), context, factory).around(clusters);
    }

    @Bean
    @Fallback
    @ConditionalOnMissingBean(ReactorLoadBalancer.class)
    XdsLoadBalancer xdsLbLoadBalancer(
            ServiceClusters clusters,
            LoadBalancerClientFactory factory,
            ConfigurableApplicationContext context,
            Environment environment) {
        return new XdsLoadBalancer(
                clusters,
                list(clusters.serviceId(), factory, context),
                LoadBalancerEnvironmentPropertyUtils.trueOrMissingForClientOrDefault(
                        environment, "retry.avoid-previous-instance"));
    }

    @Bean
    SmartInitializingSingleton xdsLbBalancerCheck(Environment environment, ListableBeanFactory beanFactory) {
        return () -> BalancerBeans.checkService(serviceId(environment), beanFactory);
    }

    /**
     * Returns the service's list: one that the application has for this service, else the one that it has for all services in its own
     * context, as Spring Cloud would find it, else ours.
     */
    private static ObjectProvider<ServiceInstanceListSupplier> list(
            String serviceId, LoadBalancerClientFactory factory, ConfigurableApplicationContext context) {
        ObjectProvider<ServiceInstanceListSupplier> ofService =
                factory.getLazyProvider(serviceId, ServiceInstanceListSupplier.class);
        ApplicationContext application = context.getParent();
        boolean isOursAlone = context.getBeanNamesForType(ServiceInstanceListSupplier.class, true, false).length == 1;
        return application != null && isOursAlone && hasList(application)
                ? application.getBeanProvider(ServiceInstanceListSupplier.class)
                : ofService;
    }

    private static boolean hasList(ApplicationContext context) {
        return BeanFactoryUtils.beanNamesForTypeIncludingAncestors(
                                context, ServiceInstanceListSupplier.class, true, false)
                        .length
                > 0;
    }

    private static String serviceId(Environment environment) {
        return environment.getRequiredProperty(LoadBalancerClientFactory.PROPERTY_NAME);
    }

    /** Spring Cloud provides the same, but only beside a discovery client. */
    @ConditionalOnClass(ApiVersionParser.class)
    public static class ApiVersions {
        @Bean
        @Fallback
        @ConditionalOnMissingBean(ApiVersionParser.class)
        SemanticApiVersionParser xdsLbApiVersionParser() {
            return new SemanticApiVersionParser();
        }
    }
}
