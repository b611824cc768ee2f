/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Exclusion;
import dev.xdslb.policy.Plan;
import io.netty.resolver.DefaultAddressResolverGroup;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.HttpComponentsClientHttpRequestFactory;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.JettyClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.http.client.reactive.ReactorClientHttpConnector;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.netty.http.client.HttpClient;

/** Endpoints whose host names nobody knows. */
@Timeout(120)
class UnknownHostsTest {
    private static final int REQUESTS = 60;

    private final FakeEndpointSource source = new FakeEndpointSource();

    @ParameterizedTest
    @ValueSource(strings = {"simple", "jdk", "apache", "jetty", "webClient"})
    void endpointWhoseHostIsUnknown_isLeftOut(String client) throws IOException {
        try (TestPod one = new TestPod();
                TestPod other = new TestPod()) {
            source.publish("orders.shop", unknown(0), one.endpoint(), other.endpoint());
            run(context -> {
                Supplier<@Nullable String> call = call(context, client);
                int failed = 0;
                for (int i = 0; i < REQUESTS; i++) {
                    failed += catchThrowable(call::get) == null ? 0 : 1;
                }
                assertThat(failed).as("five in a row eject it").isBetween(1, 5);
                await().untilAsserted(() -> assertThat(plan(context).exclusions())
                        .singleElement()
                        .satisfies(exclusion -> assertThat(exclusion.reason()).isNotEqualTo(Exclusion.Reason.AVOIDED)));
            });
        }
    }

    /** As when the resolver is down: no pod is worse than another, and each request says so by itself. */
    @ParameterizedTest
    @ValueSource(strings = {"simple", "jdk", "apache", "jetty", "webClient"})
    void whereNoHostIsKnown_requestsAreTriedAllTheSame(String client) {
        source.publish(
                "orders.shop",
                IntStream.range(0, 3).mapToObj(UnknownHostsTest::unknown).toArray(Endpoint[]::new));
        run(context -> {
            Supplier<@Nullable String> call = call(context, client);
            for (int i = 0; i < REQUESTS; i++) {
                assertThatThrownBy(call::get)
                        .rootCause()
                        .isInstanceOfAny(UnknownHostException.class, UnresolvedAddressException.class);
            }
            assertThat(plan(context).ejected()).isLessThan(3);
        });
    }

    /** Nobody may ever have the domain: RFC 6761. */
    private static Endpoint unknown(int pod) {
        return Endpoint.builder("orders-" + pod + ".invalid", 8080)
                .pod("orders-" + pod, "uid-" + pod)
                .build();
    }

    private static Plan plan(ApplicationContext context) {
        return context.getBean(ClusterRegistry.class)
                .cluster("orders.shop")
                .picker()
                .plan();
    }

    private static Supplier<@Nullable String> call(ApplicationContext context, String client) {
        if (client.equals("webClient")) {
            WebClient web = context.getBean(WebClient.Builder.class).build();
            return () -> web.get()
                    .uri("http://orders/x")
                    .retrieve()
                    .bodyToMono(String.class)
                    .block();
        }
        RestClient rest = context.getBean(client, RestClient.Builder.class).build();
        return () -> rest.get().uri("http://orders/x").retrieve().body(String.class);
    }

    private void run(Body body) {
        TestContexts.fedBy(source)
                .withUserConfiguration(Clients.class)
                .withPropertyValues("xds-lb.strategy=round-robin")
                .run(body::run);
    }

    private interface Body {
        void run(ApplicationContext context) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder simple() {
            return RestClient.builder().requestFactory(new SimpleClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder jdk() {
            return RestClient.builder().requestFactory(new JdkClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder apache() {
            return RestClient.builder().requestFactory(new HttpComponentsClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder jetty() {
            return RestClient.builder().requestFactory(new JettyClientHttpRequestFactory());
        }

        /** The JDK's resolver says no at once where there is no name server, too; Netty's waits for one. */
        @Bean
        @LoadBalanced
        WebClient.Builder webClient() {
            HttpClient client = HttpClient.create().resolver(DefaultAddressResolverGroup.INSTANCE);
            return WebClient.builder().clientConnector(new ReactorClientHttpConnector(client));
        }
    }
}
