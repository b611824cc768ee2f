/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import io.grpc.NameResolverRegistry;
import org.springframework.beans.factory.BeanFactoryInitializer;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} of an application that has switched xds-lb off, and whose gRPC channels have
 * targets of xds-lb all the same.
 */
@AutoConfiguration
@ConditionalOnClass(NameResolverRegistry.class)
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", havingValue = false)
public final class XdsLbSwitchedOffAutoConfiguration {

    @Bean
    Registration xdsLbPlainTargets() {
        return new Registration();
    }

    /** A channel looks its resolver up when it is built, which may be while any other bean is created. */
    @Bean
    static BeanFactoryInitializer<ListableBeanFactory> xdsLbPlainTargetsBeforeChannels() {
        return beanFactory -> beanFactory.getBean(Registration.class);
    }

    /** Resolves targets for as long as the application runs. */
    static final class Registration implements DisposableBean {
        private final NameResolverRegistry registry = NameResolverRegistry.getDefaultRegistry();
        private final PlainTargets targets = new PlainTargets(registry);

        private Registration() {
            registry.register(targets);
        }

        @Override
        public void destroy() {
            registry.deregister(targets);
        }
    }
}
