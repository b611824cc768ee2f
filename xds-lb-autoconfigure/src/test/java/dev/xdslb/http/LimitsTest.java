/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.LimitExceededException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.context.ApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** A request beyond the maximum in flight fails at once, and its caller sees why. */
class LimitsTest {
    private static final String TO_ORDERS = "too many requests to service \"orders\" (resource orders.shop): ";

    @ParameterizedTest
    @CsvSource({
        "max-in-flight, '1 are in flight, the maximum is 1 (limits.max-in-flight)'",
        "max-in-flight-per-endpoint, 'each of the 1 endpoints that can be used has its maximum of 1 in flight'"
    })
    void requestBeyondTheLimit_tellsItsCaller(String limit, String message) throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        TestPod pod = new TestPod();
        source.publish("orders.shop", pod.endpoint());
        TestContexts.fedBy(source)
                .withUserConfiguration(HttpClientsTest.Clients.class)
                .withPropertyValues("xds-lb.clients.orders.limits." + limit + "=1")
                .run(context -> {
                    try (pod) {
                        assertThat(throughRestClient(context).apply("/ok")).startsWith("pod");
                        CompletableFuture<String> first = CompletableFuture.supplyAsync(
                                () -> throughRestClient(context).apply("/half"));
                        await().until(() -> pod.requests() == 2);

                        assertRefused(throughRestClient(context), message);
                        assertRefused(throughRestTemplate(context), message);
                        assertThatThrownBy(() -> throughWebClient(context).apply("/ok"))
                                .isInstanceOfSatisfying(
                                        WebClientResponseException.ServiceUnavailable.class,
                                        e -> assertThat(e.getResponseBodyAsString())
                                                .startsWith(TO_ORDERS + message));
                        assertThat(pod.requests()).isEqualTo(2);

                        pod.sendRestOfBody();
                        assertThat(first.get()).isEqualTo("halfrest");
                        assertThat(throughWebClient(context).apply("/ok")).startsWith("pod");
                    }
                });
    }

    private static void assertRefused(Function<String, String> client, String message) {
        assertThatThrownBy(() -> client.apply("/ok"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("No instances available for orders: " + TO_ORDERS + message)
                .hasCauseInstanceOf(LimitExceededException.class);
    }

    private static Function<String, String> throughRestClient(ApplicationContext context) {
        RestClient client =
                context.getBean("plainBuilder", RestClient.Builder.class).build();
        return path -> client.get().uri("http://orders" + path).retrieve().body(String.class);
    }

    private static Function<String, String> throughRestTemplate(ApplicationContext context) {
        RestTemplate client = context.getBean("plainTemplate", RestTemplate.class);
        return path -> client.getForObject("http://orders" + path, String.class);
    }

    private static Function<String, String> throughWebClient(ApplicationContext context) {
        WebClient client =
                context.getBean("plainWebBuilder", WebClient.Builder.class).build();
        return path -> client.get()
                .uri("http://orders" + path)
                .retrieve()
                .bodyToMono(String.class)
                .block();
    }
}
