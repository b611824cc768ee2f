/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.ServiceConnections;
import dev.xdslb.http.blocking.LeasedRequestFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.loadbalancer.LoadBalancerAutoConfiguration;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestFactory;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.cloud.loadbalancer.config.BlockingLoadBalancerClientAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.http.client.ClientHttpRequestInterceptor;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for counting the requests of RestClient and RestTemplate.
 */
@AutoConfiguration(
        after = {XdsLbSpringCloudAutoConfiguration.class, BlockingLoadBalancerClientAutoConfiguration.class},
        before = LoadBalancerAutoConfiguration.class)
@ConditionalOnClass({
    LoadBalancerClient.class,
    BlockingLoadBalancerClientAutoConfiguration.class,
    ClientHttpRequestInterceptor.class
})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbBlockingHttpAutoConfiguration {

    @Bean
    @ConditionalOnBean(LoadBalancerClient.class)
    @ConditionalOnMissingBean(LoadBalancerRequestFactory.class)
    LeasedRequestFactory xdsLbRequestFactory(
            LoadBalancerClient client,
            ObjectProvider<LoadBalancerRequestTransformer> transformers,
            ServiceConnections connections) {
        return new LeasedRequestFactory(client, transformers.orderedStream().toList(), connections);
    }
}
