/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.ReactorClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.autoconfigure.ClientHttpRequestFactoryBuilderCustomizer;
import org.springframework.boot.http.client.autoconfigure.reactive.ClientHttpConnectorBuilderCustomizer;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.boot.http.client.reactive.ReactorClientHttpConnectorBuilder;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.client.reactive.ClientHttpConnector;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;
import reactor.netty.resources.ConnectionProvider;

/** Which pools the clients on reactor-netty use that Spring Boot builds: what an application sets, wins. */
class ReactorPoolsTest {

    @Test
    void poolsOfTheProcess_areReplacedOnlyWhereNobodyHasSetThem() {
        assertThat(replaced(ConnectionProvider.create("http", 500))).isTrue(); // as reactor-netty makes them
        assertThat(replaced(ConnectionProvider.newConnection())).isFalse();
        assertThat(replaced(ConnectionProvider.builder("orders")
                        .maxIdleTime(Duration.ofSeconds(20))
                        .build()))
                .isFalse();
        assertThat(replaced(ConnectionProvider.create("http", 50))).isFalse();
    }

    private static boolean replaced(ConnectionProvider ofTheProcess) {
        ReactorPools pools = new ReactorPools(() -> null, () -> ofTheProcess, Duration.ofSeconds(60));
        pools.customize(ClientHttpRequestFactoryBuilder.reactor()).build(); // whichever they are, a client is built
        pools.customize(ClientHttpConnectorBuilder.reactor()).build();
        boolean replaced = pools.pools() != null;
        pools.destroy();
        ofTheProcess.dispose();
        return replaced;
    }

    @Test
    void clientFactoryOfTheApplication_winsWhateverItsOrder() {
        application().withUserConfiguration(OwnFactories.class).run(context -> {
            OwnFactories own = context.getBean(OwnFactories.class);
            context.getBean(ClientHttpRequestFactoryBuilder.class).build();
            assertThat(own.made).as("RestClient").hasValue(1);
            context.getBean(ClientHttpConnectorBuilder.class).build();
            assertThat(own.made).as("WebClient").hasValue(2);
        });
    }

    @Test
    void poolsAreUsed_inPlaceOfThoseThatBootSets() throws Exception {
        try (EchoPod pod = new EchoPod("127.0.0.1", null)) {
            application().run(context -> {
                ReactorPools pools = context.getBean(ReactorPools.class);
                assertThat(pools.pools()).isNotNull();
                assertThat(pools.pools().isDisposed()).as("there is none yet").isTrue();
                ClientHttpConnector connector =
                        context.getBean(ClientHttpConnectorBuilder.class).build();
                WebClient.builder()
                        .clientConnector(connector)
                        .build()
                        .get()
                        .uri("http://" + pod.address() + "/")
                        .retrieve()
                        .toBodilessEntity()
                        .block();
                assertThat(pools.pools().isDisposed()).isFalse();
            });
        }
    }

    private static ApplicationContextRunner application() {
        return TestContexts.fedBy(new FakeEndpointSource())
                .withPropertyValues(
                        "spring.http.clients.imperative.factory=reactor",
                        "spring.http.clients.reactive.connector=reactor");
    }

    @Configuration(proxyBeanMethods = false)
    static class OwnFactories {
        private final AtomicInteger made = new AtomicInteger();

        @Bean
        @Order(Ordered.HIGHEST_PRECEDENCE + 1)
        ClientHttpRequestFactoryBuilderCustomizer<ReactorClientHttpRequestFactoryBuilder> ownFactory() {
            return builder -> builder.withHttpClientFactory(this::make);
        }

        @Bean
        @Order(1) // Spring Boot's own, of order 0, undoes what comes before
        ClientHttpConnectorBuilderCustomizer<ReactorClientHttpConnectorBuilder> ownConnector() {
            return builder -> builder.withHttpClientFactory(this::make);
        }

        private HttpClient make() {
            made.incrementAndGet();
            return HttpClient.create();
        }
    }
}
