/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.gatewaymvc;

import dev.xdslb.http.ServiceConnections;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.config.BeanPostProcessor;
import org.springframework.cloud.gateway.server.mvc.handler.ProxyExchange;

/** Counts what Gateway MVC sends, whatever kind of client sends it: the gateway's own, and the application's. */
public final class CountedProxyExchanges implements BeanPostProcessor {
    private final ObjectProvider<ServiceConnections> connections;

    public CountedProxyExchanges(ObjectProvider<ServiceConnections> connections) {
        this.connections = connections;
    }

    @Override
    public Object postProcessAfterInitialization(Object bean, String beanName) {
        return bean instanceof ProxyExchange exchange
                ? new CountedProxyExchange(exchange, connections.getObject())
                : bean;
    }
}
