/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.grpc.GrpcRegistration;
import dev.xdslb.grpc.XdsLbGrpc;
import dev.xdslb.observe.GrpcCallObserver;
import dev.xdslb.springcloud.ServiceNames;
import io.grpc.ManagedChannelBuilder;
import io.grpc.NameResolverRegistry;
import java.net.URI;
import net.devh.boot.grpc.client.channelfactory.GrpcChannelConfigurer;
import net.devh.boot.grpc.client.config.GrpcChannelsProperties;
import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.env.Environment;
import org.springframework.grpc.client.GrpcChannelBuilderCustomizer;
import org.springframework.grpc.client.VirtualTargets;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for gRPC channels with targets such as {@code xdslb:///orders:grpc}.
 */
@AutoConfiguration(after = XdsLbAutoConfiguration.class)
@ConditionalOnClass({NameResolverRegistry.class, ManagedChannelBuilder.class})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbGrpcAutoConfiguration {

    /** Registered with grpc-java itself, because not every gRPC starter registers resolvers that are beans. */
    @Bean
    @ConditionalOnMissingBean
    GrpcRegistration xdsLbGrpcRegistration(ClusterRegistry clusters, ServiceNames names) {
        return XdsLbGrpc.register(clusters, names.ownNamespace());
    }

    /** A channel looks its resolver up when it is built, which may be while any other bean is created. */
    @Bean
    static BeanFactoryInitializer<ListableBeanFactory> xdsLbGrpcBeforeChannels() {
        return beanFactory -> beanFactory.getBean(GrpcRegistration.class);
    }

    /** Ties the channels of grpc-spring (net.devh) to this application, as there may be others in the JVM. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(GrpcChannelConfigurer.class)
    static class GrpcSpringConfiguration {

        @Bean
        GrpcChannelConfigurer xdsLbGrpcChannelConfigurer(
                GrpcRegistration registration,
                ObjectProvider<GrpcChannelsProperties> properties,
                ObjectProvider<GrpcCallObserver> observer) {
            return (channel, name) -> {
                registration.bind(channel, targetOf(name, properties.getObject()));
                observer.ifAvailable(calls -> calls.observe(channel));
            };
        }

        /** As the starter's channel factory makes it. */
        private static String targetOf(String name, GrpcChannelsProperties properties) {
            URI address = properties.getChannel(name).getAddress();
            if (address != null) {
                return address.toString();
            }
            String scheme = properties.getDefaultScheme();
            return scheme == null ? name : scheme + name;
        }
    }

    /** Ties the channels of Spring gRPC, which Boot's starter uses, to this application. */
    @Configuration(proxyBeanMethods = false)
    @ConditionalOnClass(GrpcChannelBuilderCustomizer.class)
    static class SpringGrpcConfiguration {

        @Bean
        <T extends ManagedChannelBuilder<T>> GrpcChannelBuilderCustomizer<T> xdsLbGrpcChannelBuilderCustomizer(
                GrpcRegistration registration,
                Environment environment,
                ObjectProvider<VirtualTargets> ownTargets,
                ObjectProvider<GrpcCallObserver> observer) {
            SpringGrpcTargets targets = new SpringGrpcTargets(environment, ownTargets);
            return (name, channel) -> {
                registration.bind(channel, targets.of(name));
                observer.ifAvailable(calls -> calls.observe(channel));
            };
        }
    }
}
