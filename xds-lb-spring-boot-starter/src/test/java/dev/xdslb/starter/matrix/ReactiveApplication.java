/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.starter.matrix;

import static dev.xdslb.starter.matrix.BlockingApplication.throwIf;

import dev.xdslb.starter.matrix.ReactiveClient.ByInterface;
import io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.List;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.web.server.autoconfigure.ServerProperties;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.cloud.gateway.config.HttpClientCustomizer;
import org.springframework.cloud.gateway.config.HttpClientFactory;
import org.springframework.cloud.gateway.config.HttpClientProperties;
import org.springframework.cloud.gateway.config.HttpClientSslConfigurer;
import org.springframework.cloud.gateway.filter.GatewayFilterChain;
import org.springframework.cloud.gateway.filter.GlobalFilter;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.support.WebClientAdapter;
import org.springframework.web.server.ServerWebExchange;
import org.springframework.web.service.invoker.HttpServiceProxyFactory;
import reactor.core.publisher.Mono;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** An application with all reactive clients, and filters that throw where they are told to. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ReactiveApplication {
    @Bean
    @LoadBalanced
    WebClient.Builder balanced() {
        HttpClient netty = HttpClient.create(forgetful(ConnectionProvider.builder("balanced")))
                .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, 500)
                .responseTimeout(Duration.ofMillis(2_500));
        return WebClient.builder()
                .clientConnector(new ReactorClientHttpConnector(netty))
                .filter((request, next) -> {
                    String orders = request.headers().getFirst(BlockingClient.ORDERS);
                    throwIf(Outcome.THROWS_BEFORE.name().equals(orders));
                    return Outcome.THROWS_AFTER.name().equals(orders)
                            ? next.exchange(request)
                                    .flatMap(response -> response.releaseBody()
                                            .then(Mono.error(new IllegalStateException("as told by the test"))))
                            : next.exchange(request);
                });
    }

    /** As the page about compatibility says: by itself, reactor-netty keeps the pool of each pod that there ever was. */
    private static ConnectionProvider forgetful(ConnectionProvider.Builder builder) {
        return builder.maxIdleTime(Duration.ofSeconds(2))
                .evictInBackground(Duration.ofSeconds(1))
                .disposeInactivePoolsInBackground(Duration.ofSeconds(1), Duration.ofSeconds(2))
                .build();
    }

    @Bean
    HttpClientFactory gatewayClient(
            HttpClientProperties properties,
            ServerProperties server,
            HttpClientSslConfigurer tls,
            List<HttpClientCustomizer> customizers) {
        return new HttpClientFactory(properties, server, tls, customizers) {
            @Override
            protected ConnectionProvider buildConnectionProvider(HttpClientProperties configured) {
                return forgetful(super.buildConnectionProvider(configured).mutate());
            }
        };
    }

    @Bean
    ByInterface byInterface(@LoadBalanced WebClient.Builder balanced) {
        return HttpServiceProxyFactory.builderFor(WebClientAdapter.create(balanced.build()))
                .build()
                .createClient(ByInterface.class);
    }

    @Bean
    GlobalFilter ordered() {
        return new OrderedFilter();
    }

    /** Before the load balancer's. */
    private static final class OrderedFilter implements GlobalFilter, Ordered {
        @Override
        public int getOrder() {
            return 0;
        }

        @Override
        public Mono<Void> filter(ServerWebExchange exchange, GatewayFilterChain chain) {
            String orders = exchange.getRequest().getHeaders().getFirst(BlockingClient.ORDERS);
            throwIf(Outcome.THROWS_BEFORE.name().equals(orders));
            return Outcome.THROWS_AFTER.name().equals(orders)
                    ? chain.filter(exchange).then(Mono.error(new IllegalStateException("as told by the test")))
                    : chain.filter(exchange);
        }
    }
}
