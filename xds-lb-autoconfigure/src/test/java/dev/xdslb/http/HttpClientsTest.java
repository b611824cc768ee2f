/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.springframework.boot.restclient.RestTemplateBuilder;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;

/** Every kind of client that Spring Cloud balances works as the application declares it. */
class HttpClientsTest {

    @Test
    void balancesRestClientBuilderOfBoot() throws Exception {
        reachesBothPods(context -> context.getBean("bootBuilder", RestClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/ok")
                .retrieve()
                .body(String.class));
    }

    @Test
    void balancesPlainRestClientBuilder() throws Exception {
        reachesBothPods(context -> context.getBean("plainBuilder", RestClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/ok")
                .retrieve()
                .body(String.class));
    }

    @Test
    void balancesRestTemplate() throws Exception {
        reachesBothPods(context ->
                context.getBean("plainTemplate", RestTemplate.class).getForObject("http://orders/ok", String.class));
    }

    @Test
    void balancesRestTemplateBuilder() throws Exception {
        reachesBothPods(context -> context.getBean("templateBuilder", RestTemplateBuilder.class)
                .build()
                .getForObject("http://orders/ok", String.class));
    }

    @Test
    void balancesPlainWebClientBuilder() throws Exception {
        reachesBothPods(context -> context.getBean("plainWebBuilder", WebClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/ok")
                .retrieve()
                .bodyToMono(String.class)
                .block());
    }

    @Test
    void choosesServicePortByThePortInTheUri() throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        try (TestPod web = new TestPod();
                TestPod admin = new TestPod()) {
            source.publish("orders.shop", web.endpoint());
            source.publish("orders.shop:7070", admin.endpoint());
            TestContexts.fedBy(source).withUserConfiguration(Clients.class).run(context -> {
                RestClient client = context.getBean("plainBuilder", RestClient.Builder.class)
                        .build();
                assertThat(client.get().uri("http://orders:7070/ok").retrieve().body(String.class))
                        .isEqualTo("pod " + admin.port());
                assertThat(client.get().uri("http://orders.shop/ok").retrieve().body(String.class))
                        .isEqualTo("pod " + web.port());
            });
        }
    }

    private static void reachesBothPods(Function<ApplicationContext, String> call) throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        try (TestPod one = new TestPod();
                TestPod other = new TestPod()) {
            source.publish("orders.shop", one.endpoint(), other.endpoint());
            TestContexts.fedBy(source).withUserConfiguration(Clients.class).run(context -> {
                assertThat(context).hasNotFailed();
                Set<String> answers = new HashSet<>();
                for (int i = 0; i < 40; i++) {
                    answers.add(call.apply(context));
                }
                assertThat(answers).containsExactlyInAnyOrder("pod " + one.port(), "pod " + other.port());
            });
        }
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder plainBuilder() {
            return RestClient.builder();
        }

        @Bean
        @LoadBalanced
        RestClient.Builder bootBuilder(
                org.springframework.boot.restclient.autoconfigure.RestClientBuilderConfigurer configurer) {
            return configurer.configure(RestClient.builder());
        }

        @Bean
        @LoadBalanced
        RestTemplate plainTemplate() {
            return new RestTemplate();
        }

        @Bean
        @LoadBalanced
        RestTemplateBuilder templateBuilder() {
            return new RestTemplateBuilder();
        }

        @Bean
        @LoadBalanced
        WebClient.Builder plainWebBuilder() {
            return WebClient.builder();
        }
    }
}
