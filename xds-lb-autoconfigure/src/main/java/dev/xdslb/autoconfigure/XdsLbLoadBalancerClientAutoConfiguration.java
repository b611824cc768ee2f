/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.blocking.ReasonedLoadBalancerClient;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.cloud.loadbalancer.config.LoadBalancerAutoConfiguration;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.web.client.RestTemplate;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the client by which blocking requests choose, in the place of Spring
 * Cloud's own.
 */
@AutoConfiguration(
        after = {XdsLbSpringCloudAutoConfiguration.class, LoadBalancerAutoConfiguration.class},
        before = BlockingLoadBalancerClientAutoConfiguration.class)
@ConditionalOnClass({LoadBalancerClient.class, BlockingLoadBalancerClientAutoConfiguration.class, RestTemplate.class})
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled"},
        matchIfMissing = true)
public final class XdsLbLoadBalancerClientAutoConfiguration {

    @Bean
    @ConditionalOnBean(LoadBalancerClientFactory.class)
    @ConditionalOnMissingBean(LoadBalancerClient.class)
    ReasonedLoadBalancerClient xdsLbLoadBalancerClient(LoadBalancerClientFactory factory) {
        return new ReasonedLoadBalancerClient(factory);
    }
}
