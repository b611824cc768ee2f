/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.http.ServiceConnections;
import dev.xdslb.http.gatewaywebflux.CountedRouting;
import dev.xdslb.http.gatewaywebflux.CountedWebSockets;
import dev.xdslb.http.gatewaywebflux.NamedRoutings;
import dev.xdslb.http.gatewaywebflux.ReceivedRequests;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.cloud.gateway.filter.NettyRoutingFilter;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.web.reactive.socket.client.WebSocketClient;
import reactor.netty.http.client.HttpClient;

/** {@link EnableAutoConfiguration Auto-configuration} for counting the requests of Gateway Server WebFlux. */
@AutoConfiguration(after = XdsLbSpringCloudAutoConfiguration.class)
@ConditionalOnClass({GlobalFilter.class, NettyRoutingFilter.class, HttpClient.class, WebSocketClient.class})
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "spring.cloud.loadbalancer.enabled", "spring.cloud.gateway.server.webflux.enabled"},
        matchIfMissing = true)
public final class XdsLbGatewayWebFluxAutoConfiguration {

    @Bean
    ReceivedRequests xdsLbReceivedRequests() {
        return new ReceivedRequests();
    }

    @Bean
    CountedRouting xdsLbCountedRouting(ObjectProvider<WebSocketClient> webSockets, ServiceConnections connections) {
        return new CountedRouting(webSockets::getIfUnique, connections);
    }

    @Bean
    @ConditionalOnBooleanProperty("xds-lb.verify-service-name")
    static NamedRoutings xdsLbNamedRoutings(ApplicationContext context) {
        return new NamedRoutings(context);
    }

    @Bean
    static CountedWebSockets xdsLbCountedWebSockets() {
        return new CountedWebSockets();
    }
}
