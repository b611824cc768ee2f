/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.call;

import static java.util.Objects.requireNonNull;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.test.DeclaredEndpoints;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

/** A Spring application that calls by HTTP. */
final class HttpCalls {
    private static final String SERVICE = "measured";

    private HttpCalls() {}

    static MeasuredCall restClient(BalancedBy balancing, List<Integer> ports) {
        return start(balancing, ports, application -> {
            RestClient.Builder builder = balancing == BalancedBy.NOBODY
                    ? RestClient.builder()
                    : application.getBean(RestClient.Builder.class);
            RestClient client = builder.baseUrl(url(balancing, ports)).build();
            return () -> requireNonNull(client.get().uri("/").retrieve().body(String.class));
        });
    }

    static MeasuredCall webClient(BalancedBy balancing, List<Integer> ports) {
        return start(balancing, ports, application -> {
            WebClient.Builder builder =
                    balancing == BalancedBy.NOBODY ? WebClient.builder() : application.getBean(WebClient.Builder.class);
            WebClient client = builder.baseUrl(url(balancing, ports)).build();
            return () -> requireNonNull(
                    client.get().uri("/").retrieve().bodyToMono(String.class).block());
        });
    }

    private static String url(BalancedBy balancing, List<Integer> ports) {
        return "http://" + (balancing == BalancedBy.NOBODY ? "127.0.0.1:" + ports.get(0) : SERVICE);
    }

    private static MeasuredCall start(
            BalancedBy balancing,
            List<Integer> ports,
            Function<ConfigurableApplicationContext, Supplier<Object>> client) {
        List<String> properties = new ArrayList<>(List.of(
                "spring.main.banner-mode=off",
                "logging.level.root=WARN",
                "xds-lb.namespace=default",
                "xds-lb.enabled=" + (balancing == BalancedBy.XDS_LB)));
        for (int i = 0; i < ports.size(); i++) {
            properties.add("spring.cloud.discovery.client.simple.instances." + SERVICE + '[' + i
                    + "].uri=http://127.0.0.1:" + ports.get(i));
        }
        DeclaredEndpoints endpoints = new DeclaredEndpoints();
        endpoints.declare(
                SERVICE + ".default",
                ports.stream()
                        .map(port -> Endpoint.builder("127.0.0.1", port).build())
                        .toList());
        ConfigurableApplicationContext application = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .properties(properties.toArray(String[]::new))
                .initializers(context ->
                        context.getBeanFactory().registerSingleton("measuredEndpoints", (EndpointSource) endpoints))
                .run();
        Supplier<Object> calls = client.apply(application);
        return new MeasuredCall() {
            @Override
            public Object call() {
                return calls.get();
            }

            @Override
            public void close() {
                application.close();
            }
        };
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
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
