/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.NoSuchBeanDefinitionException;
import org.springframework.beans.factory.NoUniqueBeanDefinitionException;
import org.springframework.cloud.loadbalancer.core.ReactorLoadBalancer;
import org.springframework.cloud.loadbalancer.core.ReactorServiceInstanceLoadBalancer;

/**
 * Finds balancer beans that Spring Cloud LoadBalancer would silently get wrong: it takes two of them for none, and one in
 * the application's own context for that of every service.
 */
final class BalancerBeans {
    private static final Logger log = LoggerFactory.getLogger(BalancerBeans.class);

    private BalancerBeans() {}

    /** Checks the context of one service. */
    static void checkService(String serviceId, ListableBeanFactory beanFactory) {
        try {
            beanFactory.getBean(ReactorServiceInstanceLoadBalancer.class);
        } catch (NoUniqueBeanDefinitionException e) {
            throw tooMany("for service \"" + serviceId + '"', e);
        } catch (NoSuchBeanDefinitionException e) {
            throw new XdsLbConfigurationException(
                    "There is no load balancer for service \"" + serviceId
                            + "\", though a bean of type ReactorLoadBalancer keeps xds-lb from providing one.",
                    "Let that bean implement ReactorServiceInstanceLoadBalancer, or remove it.");
        }
    }

    /** Checks the context of the application. */
    static void checkApplication(ListableBeanFactory beanFactory) {
        List<String> names = List.of(beanFactory.getBeanNamesForType(ReactorLoadBalancer.class, true, false));
        if (names.isEmpty()) {
            return;
        }
        if (names.size() > 1) {
            try {
                beanFactory.getBean(ReactorServiceInstanceLoadBalancer.class);
            } catch (NoUniqueBeanDefinitionException e) {
                throw tooMany("in the application's own context, where they apply to every service", e);
            }
        }
        log.warn(
                "The bean {} in the application's own context replaces xds-lb's load balancer for every service. If it is"
                        + " meant for one service, move it to a class that is neither annotated with @Configuration nor"
                        + " nested in a component, and name that class in @LoadBalancerClient(configuration = ...).",
                names);
    }

    private static XdsLbConfigurationException tooMany(String where, NoUniqueBeanDefinitionException e) {
        return new XdsLbConfigurationException(
                "There are " + e.getNumberOfBeansFound() + " load balancers " + where + ": " + e.getBeanNamesFound()
                        + ". Spring Cloud LoadBalancer takes several for none and fails every request with \"No instances"
                        + " available\".",
                "Declare one of them only, or mark the one that is meant as @Primary. A balancer for all services belongs"
                        + " into one class that @LoadBalancerClients(defaultConfiguration = ...) names.");
    }
}
