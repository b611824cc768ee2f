/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.ServiceConnections;
import dev.xdslb.http.gatewaymvc.CountedProxyExchanges;
import dev.xdslb.http.gatewaymvc.GatewayAttempt;
import dev.xdslb.http.gatewaymvc.RouteUris;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.gateway.server.mvc.handler.HandlerFunctionDefinition;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} for the routes and requests of Gateway Server WebMVC. */
@AutoConfiguration(after = XdsLbSpringCloudAutoConfiguration.class)
@ConditionalOnClass(HandlerFunctionDefinition.class)
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled"},
        matchIfMissing = true)
public final class XdsLbGatewayMvcAutoConfiguration {

    @Bean
    static RouteUris xdsLbRouteUris() {
        return new RouteUris();
    }

    @Bean
    static CountedProxyExchanges xdsLbCountedProxyExchanges(ObjectProvider<ServiceConnections> connections) {
        return new CountedProxyExchanges(connections);
    }

    @Bean
    GatewayAttempt xdsLbGatewayAttempt() {
        return new GatewayAttempt();
    }
}
