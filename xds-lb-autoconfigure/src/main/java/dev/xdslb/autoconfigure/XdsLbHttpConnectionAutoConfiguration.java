/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.connection.ApachePools;
import dev.xdslb.http.connection.JettyPools;
import dev.xdslb.http.connection.NamedClientBuilders;
import dev.xdslb.http.connection.ReactorPools;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.eclipse.jetty.client.HttpClient;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpComponentsClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.JettyClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.ReactorResourceFactory;
import reactor.netty.http.HttpResources;

/** {@link EnableAutoConfiguration Auto-configuration} for the connections that Spring Boot's HTTP clients have to pods. */
@AutoConfiguration(
        after = XdsLbSpringCloudAutoConfiguration.class,
        afterName = "org.springframework.boot.http.client.autoconfigure.reactive.ReactiveHttpClientAutoConfiguration")
@ConditionalOnClass({ClientHttpRequestFactoryBuilder.class, ServiceInstance.class})
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled"},
        matchIfMissing = true)
public final class XdsLbHttpConnectionAutoConfiguration {

    @Bean
    @ConditionalOnBooleanProperty("xds-lb.verify-service-name")
    static NamedClientBuilders xdsLbNamedClientBuilders() {
        return new NamedClientBuilders();
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpClientBuilder.class, HttpComponentsClientHttpRequestFactoryBuilder.class})
    static class Apache {
        @Bean
        ApachePools xdsLbApachePools() {
            return new ApachePools();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpClient.class, JettyClientHttpRequestFactoryBuilder.class})
    static class Jetty {
        @Bean
        JettyPools xdsLbJettyPools() {
            return new JettyPools();
        }
    }

    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({HttpResources.class, ReactorResourceFactory.class, ReactorClientHttpConnectorBuilder.class})
    static class Reactor {
        @Bean
        ReactorPools xdsLbReactorPools(ObjectProvider<ReactorResourceFactory> resources) {
            return new ReactorPools(resources::getIfUnique);
        }

        @Bean
        @Order(ReactorPools.REQUEST_FACTORY_ORDER)
        ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder>
                xdsLbReactorRequestFactoryPools(ReactorPools pools) {
            return pools::customize;
        }

        @Bean
        @Order(ReactorPools.CONNECTOR_ORDER)
        ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> xdsLbReactorConnectorPools(
                ReactorPools pools) {
            return pools::customize;
        }
    }
}
