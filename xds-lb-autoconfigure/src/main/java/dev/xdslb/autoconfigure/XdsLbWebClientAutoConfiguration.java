/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.ServiceConnections;
import dev.xdslb.http.webclient.AttemptsOfClients;
import dev.xdslb.http.webclient.AttemptsOfGroups;
import dev.xdslb.http.webclient.LeasedLoadBalancerFilter;
import dev.xdslb.http.webclient.LeasedRetryableLoadBalancerFilter;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerRetryPolicy;
import org.springframework.cloud.client.loadbalancer.reactive.ReactiveLoadBalancer;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.reactive.ReactorLoadBalancerExchangeFilterFunction;
import org.springframework.cloud.client.loadbalancer.reactive.RetryableLoadBalancerExchangeFilterFunction;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.function.client.WebClient;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for counting the requests of WebClient.
 */
@AutoConfiguration(
        after = {XdsLbSpringCloudAutoConfiguration.class, LoadBalancerAutoConfiguration.class},
        before = ReactorLoadBalancerClientAutoConfiguration.class)
@ConditionalOnClass({WebClient.class, ReactiveLoadBalancer.class, LoadBalancerAutoConfiguration.class})
@ConditionalOnBean(ReactiveLoadBalancer.Factory.class)
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbWebClientAutoConfiguration {

    @Bean
    static AttemptsOfClients xdsLbAttemptsOfClients(ApplicationContext context) {
        return new AttemptsOfClients(context);
    }

    @Bean
    AttemptsOfGroups xdsLbAttemptsOfGroups() {
        return new AttemptsOfGroups();
    }

    @Bean
    @ConditionalOnMissingBean(ReactorLoadBalancerExchangeFilterFunction.class)
    @ConditionalOnBooleanProperty(
            name = "spring.cloud.loadbalancer.retry.enabled",
            havingValue = false,
            matchIfMissing = true)
    LeasedLoadBalancerFilter xdsLbLoadBalancerFilter(
            ReactiveLoadBalancer.Factory<ServiceInstance> factory,
            ObjectProvider<LoadBalancerClientRequestTransformer> transformers,
            ServiceConnections connections) {
        return new LeasedLoadBalancerFilter(
                factory, transformers.orderedStream().toList(), connections);
    }

    @Bean
    @ConditionalOnMissingBean(RetryableLoadBalancerExchangeFilterFunction.class)
    @ConditionalOnBooleanProperty(name = "spring.cloud.loadbalancer.retry.enabled")
    LeasedRetryableLoadBalancerFilter xdsLbRetryableLoadBalancerFilter(
            LoadBalancerRetryPolicy.Factory retryPolicies,
            ReactiveLoadBalancer.Factory<ServiceInstance> factory,
            ObjectProvider<LoadBalancerClientRequestTransformer> transformers,
            ServiceConnections connections) {
        return new LeasedRetryableLoadBalancerFilter(
                retryPolicies, factory, transformers.orderedStream().toList(), connections);
    }
}
