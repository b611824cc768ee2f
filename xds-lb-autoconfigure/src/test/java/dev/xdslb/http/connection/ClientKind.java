/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import java.time.Duration;
import java.util.function.Function;
import org.springframework.boot.http.client.ClientHttpRequestFactoryBuilder;
import org.springframework.boot.http.client.HttpClientSettings;
import org.springframework.boot.http.client.reactive.ClientHttpConnectorBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** The HTTP clients that Spring Boot builds, each as an application with that one on its class path has it. */
enum ClientKind {
    REST_CLIENT_JDK,
    REST_CLIENT_APACHE,
    REST_CLIENT_JETTY,
    REST_CLIENT_REACTOR,
    WEB_CLIENT_JDK,
    WEB_CLIENT_APACHE,
    WEB_CLIENT_REACTOR;

    private static final StartedClients STARTED = new StartedClients(); // stopped by nobody: the threads are daemons

    /** Returns what gets the body of a URI, by the builders of an application that has {@link Builders}. */
    Function<String, String> in(ApplicationContext context, HttpClientSettings settings) {
        if (name().startsWith("REST_CLIENT")) {
            RestClient client = context.getBean("restClients", RestClient.Builder.class)
                    .clone()
                    .requestFactory(NamedRequestFactoryBuilder.of(requestFactories(), STARTED)
                            .build(settings))
                    .build();
            return uri -> client.get().uri(uri).retrieve().body(String.class);
        }
        WebClient client = context.getBean("webClients", WebClient.Builder.class)
                .clone()
                .clientConnector(NamedConnectorBuilder.of(connectors(), STARTED).build(settings))
                .build();
        return uri -> client.get().uri(uri).retrieve().bodyToMono(String.class).block(Duration.ofSeconds(20));
    }

    /** The JDK's client sends a header Host only where a system property allows it. */
    boolean isOfTheJdk() {
        return name().endsWith("JDK");
    }

    private ClientHttpRequestFactoryBuilder<?> requestFactories() {
        return switch (this) {
            case REST_CLIENT_JDK -> ClientHttpRequestFactoryBuilder.jdk();
            case REST_CLIENT_APACHE -> ClientHttpRequestFactoryBuilder.httpComponents();
            case REST_CLIENT_JETTY -> ClientHttpRequestFactoryBuilder.jetty();
            case REST_CLIENT_REACTOR -> ClientHttpRequestFactoryBuilder.reactor();
            default -> throw new IllegalStateException(this + " has none");
        };
    }

    private ClientHttpConnectorBuilder<?> connectors() {
        return switch (this) {
            case WEB_CLIENT_JDK -> ClientHttpConnectorBuilder.jdk();
            case WEB_CLIENT_APACHE -> ClientHttpConnectorBuilder.httpComponents();
            case WEB_CLIENT_REACTOR -> ClientHttpConnectorBuilder.reactor();
            default -> throw new IllegalStateException(this + " has none");
        };
    }

    @Configuration(proxyBeanMethods = false)
    static class Builders {
        @Bean
        @LoadBalanced
        RestClient.Builder restClients() {
            return RestClient.builder();
        }

        @Bean
        @LoadBalanced
        WebClient.Builder webClients() {
            return WebClient.builder();
        }
    }
}
