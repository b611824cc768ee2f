/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.beans.factory.BeanFactoryAware;
import org.springframework.beans.factory.DisposableBean;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.beans.factory.config.ConfigurableListableBeanFactory;
import org.springframework.beans.factory.support.RootBeanDefinition;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.core.ResolvableType;
import org.springframework.http.client.ClientHttpRequestFactory;
import org.springframework.http.client.reactive.ClientHttpConnector;

/**
 * Lets the clients that Spring Boot builds verify pods against the name of their service: those of RestClient, RestTemplate, WebClient,
 * HTTP interfaces and Gateway WebMVC. A builder that the application declares by a class of its own, or for one kind of client, is left as it
 * is, because it may be asked for by that.
 */
public final class NamedClientBuilders implements BeanPostProcessor, BeanFactoryAware, DisposableBean {
    private static final Set<Class<?>> BUILDERS =
            Set.of(ClientHttpRequestFactoryBuilder.class, ClientHttpConnectorBuilder.class);

    private static final Set<Class<?>> ANY =
            Set.of(Object.class, ClientHttpRequestFactory.class, ClientHttpConnector.class);

    private final StartedClients started = new StartedClients();
    private @Nullable ConfigurableListableBeanFactory beans;

    @Override
    public void setBeanFactory(BeanFactory beanFactory) {
        beans = beanFactory instanceof ConfigurableListableBeanFactory known ? known : null;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        if (bean instanceof ClientHttpRequestFactoryBuilder<?> builder && isDeclaredByInterface(beanName)) {
            return NamedRequestFactoryBuilder.of(builder, started);
        }
        if (bean instanceof ClientHttpConnectorBuilder<?> builder && isDeclaredByInterface(beanName)) {
            return NamedConnectorBuilder.of(builder, started);
        }
        return bean;
    }

    /** Ends the threads of clients by name, as what a builder has built need not be a bean. */
    @Override
    public void destroy() {
        started.stopAll();
    }

    private boolean isDeclaredByInterface(String beanName) {
        return beans != null
                && beans.containsBeanDefinition(beanName)
                && beans.getMergedBeanDefinition(beanName) instanceof RootBeanDefinition definition
                && isBuilderOfAny(definition.getResolvableType());
    }

    /** Who asks for a builder of one kind of client relies on getting that kind. */
    private static boolean isBuilderOfAny(ResolvableType declared) {
        Class<?> built = declared.getGeneric(0).resolve(Object.class);
        return BUILDERS.contains(declared.toClass()) && ANY.contains(built);
    }
}
