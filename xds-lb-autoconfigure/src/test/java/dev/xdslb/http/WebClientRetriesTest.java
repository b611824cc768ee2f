/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.springcloud.Attempts;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.publisher.Mono;

/** Retries of which WebClient says nothing go where their request has not been. */
class WebClientRetriesTest {
    private static final int REQUESTS = 60;

    private final FakeEndpointSource source = new FakeEndpointSource();
    private List<TestPod> pods;

    @BeforeEach
    void start() throws Exception {
        pods = List.of(new TestPod(), new TestPod(), new TestPod());
        source.publish(
                "orders.shop",
                pods.get(0).endpoint(),
                pods.get(1).endpoint(),
                pods.get(2).endpoint());
    }

    @AfterEach
    void stop() {
        pods.forEach(TestPod::close);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/error", "/reset", "/hang", "/hang-after-headers"})
    void retryOfReactor_goesElsewhere(String fault) {
        twoPods(fault);
        run(client -> {
            int requests = fault.startsWith("/hang") ? 6 : REQUESTS;
            for (int i = 0; i < requests; i++) {
                assertThat(get(client)
                                .timeout(Duration.ofMillis(fault.startsWith("/hang") ? 200 : 5_000))
                                .retry(2)
                                .block())
                        .isEqualTo("pod " + pods.get(2).port());
            }
        });
    }

    @Test
    void retriesOfCallsMadeAnew_goElsewhereByTheContext() {
        twoPods("/error");
        run(client -> {
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(Mono.defer(() -> get(client))
                                .retry(2)
                                .contextWrite(context -> context.put(Attempts.class, new Attempts()))
                                .block())
                        .isEqualTo("pod " + pods.get(2).port());
            }
        });
    }

    @Test
    void whatIsSentAgainAfterAnAnswer_isANewRequest() {
        run(client -> {
            Mono<String> polling = get(client);
            Map<String, Integer> answers = new HashMap<>();
            for (int i = 0; i < 300; i++) {
                answers.merge(polling.block(), 1, Integer::sum);
            }
            assertThat(answers)
                    .hasSize(3)
                    .allSatisfy(
                            (pod, count) -> assertThat(count).isBetween(50, 150)); // 100 each; 6 standard deviations
        });
    }

    @Test
    void oneFailureAndThenAnAnswer_isForgotten() {
        twoPods("/error");
        run(client -> {
            Mono<String> polling = get(client);
            Set<String> first = new HashSet<>();
            for (int i = 0; i < REQUESTS; i++) {
                try {
                    first.add(polling.block());
                } catch (RuntimeException e) {
                    first.add("failed");
                    assertThat(polling.retry(1).block()).startsWith("pod ");
                }
            }
            assertThat(first).as("later polls go to all pods again").contains("failed");
        });
    }

    private void twoPods(String fault) {
        pods.get(0).behaveLike(fault);
        pods.get(1).behaveLike(fault);
    }

    private interface ClientTest {
        void run(WebClient client);
    }

    private void run(ClientTest test) {
        TestContexts.fedBy(source)
                .withUserConfiguration(HttpClientsTest.Clients.class)
                .withPropertyValues(
                        "xds-lb.strategy=random",
                        "xds-lb.ejection.max-share=0",
                        "xds-lb.error-bias.exponent=0",
                        "xds-lb.avoidance=0")
                .run(context -> test.run(context.getBean("plainWebBuilder", WebClient.Builder.class)
                        .build()));
    }

    private static Mono<String> get(WebClient client) {
        return client.get().uri("http://orders/x").retrieve().bodyToMono(String.class);
    }
}
