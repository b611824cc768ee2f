/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaywebflux;

import dev.xdslb.http.ServiceConnections;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.context.ApplicationContext;
import reactor.netty.http.client.HttpClient;

/** Puts {@link NamedRouting} in the place of the gateway's own filter. One that the application declares stays. */
public final class NamedRoutings implements BeanPostProcessor {
    /** As the gateway's auto-configuration calls the filter, and the client that it takes where there are several. */
    private static final String FILTER = "routingFilter";

    private static final String CLIENT = "httpClient";

    private final ApplicationContext context;

    public NamedRoutings(ApplicationContext context) {
        this.context = context;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        HttpClient client = bean.getClass() == NettyRoutingFilter.class && beanName.equals(FILTER) ? client() : null;
        return client == null
                ? bean
                : new NamedRouting(
                        (NettyRoutingFilter) bean,
                        client,
                        context.getBean(HttpClientProperties.class),
                        context.getBean(ServiceConnections.class));
    }

    /** Returns the client that the filter was given, null where that is not known. */
    private @Nullable HttpClient client() {
        HttpClient only = context.getBeanProvider(HttpClient.class).getIfUnique();
        return only == null && context.containsBean(CLIENT) ? context.getBean(CLIENT, HttpClient.class) : only;
    }
}
