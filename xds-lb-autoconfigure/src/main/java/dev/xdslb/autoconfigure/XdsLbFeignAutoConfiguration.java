/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.ServiceConnections;
import dev.xdslb.http.connection.FeignServerName;
import dev.xdslb.http.feign.CountedFeignClient;
import dev.xdslb.http.feign.FeignAttempts;
import feign.Capability;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.openfeign.clientconfig.HttpClient5FeignConfiguration.HttpClientBuilderCustomizer;
import org.springframework.cloud.openfeign.loadbalancer.FeignBlockingLoadBalancerClient;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** {@link EnableAutoConfiguration Auto-configuration} for counting the requests of OpenFeign clients. */
@AutoConfiguration(after = XdsLbSpringCloudAutoConfiguration.class)
@ConditionalOnClass({Capability.class, FeignBlockingLoadBalancerClient.class, LoadBalancerLifecycle.class})
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled"},
        matchIfMissing = true)
public final class XdsLbFeignAutoConfiguration {

    @Bean
    CountedFeignClient xdsLbFeignCapability(ServiceConnections connections) {
        return new CountedFeignClient(connections);
    }

    @Bean
    FeignAttempts xdsLbFeignAttempts(ServiceConnections connections) {
        return new FeignAttempts(connections);
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpClientBuilder.class, HttpClientBuilderCustomizer.class})
    @ConditionalOnBooleanProperty("xds-lb.verify-service-name")
    static class Apache {
        @Bean
        FeignServerName xdsLbFeignServerName() {
            return new FeignServerName();
        }
    }
}
