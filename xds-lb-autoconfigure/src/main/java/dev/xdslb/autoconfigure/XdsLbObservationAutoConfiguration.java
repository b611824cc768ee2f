/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.observe.GrpcCallObserver;
import dev.xdslb.observe.ObservedBlockingRequests;
import dev.xdslb.observe.ObservedGrpcCalls;
import dev.xdslb.observe.ObservedReactiveRequests;
import io.grpc.ManagedChannelBuilder;
import io.micrometer.core.instrument.binder.grpc.GrpcClientObservationContext;
import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.client.loadbalancer.LoadBalancerRequestTransformer;
import org.springframework.cloud.client.loadbalancer.reactive.LoadBalancerClientRequestTransformer;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.observation.ClientRequestObservationContext;
import org.springframework.web.reactive.function.client.WebClient;

/** {@link EnableAutoConfiguration Auto-configuration} that puts the chosen endpoint into the observations of HTTP clients. */
@AutoConfiguration(
        after = XdsLbSpringCloudAutoConfiguration.class,
        before = {XdsLbBlockingHttpAutoConfiguration.class, XdsLbWebClientAutoConfiguration.class},
        afterName = "org.springframework.boot.micrometer.observation.autoconfigure.ObservationAutoConfiguration")
@ConditionalOnClass({Observation.class, LoadBalanced.class})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbObservationAutoConfiguration {

    /** For RestClient and RestTemplate. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({ClientRequestObservationContext.class, LoadBalancerRequestTransformer.class})
    static class BlockingConfiguration {

        @Bean
        @ConditionalOnBean(ObservationRegistry.class)
        @ConditionalOnMissingBean
        ObservedBlockingRequests xdsLbObservedBlockingRequests(ObservationRegistry registry) {
            return new ObservedBlockingRequests(registry);
        }
    }

    /** For gRPC. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({GrpcClientObservationContext.class, ManagedChannelBuilder.class})
    static class GrpcConfiguration {

        @Bean
        @ConditionalOnBean(ObservationRegistry.class)
        @ConditionalOnMissingBean
        GrpcCallObserver xdsLbObservedGrpcCalls(ObservationRegistry registry) {
            return new ObservedGrpcCalls(registry);
        }
    }

    /** For WebClient. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass({WebClient.class, LoadBalancerClientRequestTransformer.class})
    static class ReactiveConfiguration {

        @Bean
        @ConditionalOnBean(ObservationRegistry.class)
        @ConditionalOnMissingBean
        ObservedReactiveRequests xdsLbObservedReactiveRequests() {
            return new ObservedReactiveRequests();
        }

        /** The filter is to be outside of that of Spring Cloud, which a processor of its own adds to the same builders. */
        @Bean
        static BeanPostProcessor xdsLbObservedWebClients(
                ApplicationContext context, ObjectProvider<ObservedReactiveRequests> requests) {
            return new BeanPostProcessor() {
                @Override
                public Object postProcessBeforeInitialization(Object bean, String name) {
                    if (bean instanceof WebClient.Builder builder
                            && context.findAnnotationOnBean(name, LoadBalanced.class) != null) {
                        requests.ifAvailable(filter -> builder.filters(filters -> {
                            if (!filters.contains(filter)) {
                                filters.add(0, filter);
                            }
                        }));
                    }
                    return bean;
                }
            };
        }
    }
}
