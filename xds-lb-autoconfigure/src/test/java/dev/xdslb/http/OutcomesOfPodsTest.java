/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Exclusion.Reason;
import dev.xdslb.policy.Pool;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.http.client.JdkClientHttpRequestFactory;
import org.springframework.http.client.ReactorClientHttpRequestFactory;
import org.springframework.http.client.SimpleClientHttpRequestFactory;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import reactor.core.Disposable;

/** What becomes of three real pods of which one is in trouble, with the clients as an application has them. */
@Tag("figures") // a minute: no JDK changes what pods answer
@Timeout(120)
class OutcomesOfPodsTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final List<TestPod> pods = new ArrayList<>();
    private final List<EndpointLoad> everyLoad = new ArrayList<>();

    @BeforeEach
    void startPods() throws IOException {
        for (int i = 0; i < 3; i++) {
            pods.add(new TestPod());
        }
        source.publish("orders.shop", pods.stream().map(TestPod::endpoint).toArray(Endpoint[]::new));
    }

    @AfterEach
    void stopPods() {
        pods.forEach(TestPod::close);
    }

    @Test
    void recoveredPod_isTrusted_whenItsProbeIsCancelledAfterTheFirstElement() {
        run("round-robin", context -> {
            pods.get(0).behaveLike("/error");
            untilEjected(context, () -> ignoringErrors(() -> get(webClient(context))));
            pods.forEach(pod -> pod.behaveLike("/ndjson"));

            await().atMost(Duration.ofSeconds(10))
                    .pollInterval(Duration.ofMillis(20))
                    .until(() -> {
                        assertThat(webClient(context)
                                        .get()
                                        .uri("http://orders/x")
                                        .retrieve()
                                        .bodyToFlux(String.class)
                                        .next()
                                        .block())
                                .isNotNull();
                        return leftOut(context) == 0;
                    });
            EndpointLoad recovered = load(context, 0);
            assertThat(recovered.consecutiveFailures()).isZero();
            await().untilAsserted(() -> assertThat(recovered.inFlight()).isZero());
        });
    }

    @ParameterizedTest
    @CsvSource({
        "round-robin, /hang",
        "p2c-least-request, /hang",
        "p2c-ewma, /hang",
        "round-robin, /hang-after-headers",
        "p2c-least-request, /hang-after-headers"
    })
    void hungPodBehindATimeOutOfTheCallers_isLeftOut(String strategy, String behaviour) {
        run(strategy, context -> {
            for (int i = 0; i < 60; i++) {
                get(webClient(context));
            }
            pods.get(0).behaveLike(behaviour);
            int lost = 0;
            for (int i = 0; i < 150 && leftOut(context) == 0; i++) {
                lost += ignoringErrors(() -> webClient(context)
                        .get()
                        .uri("http://orders/x")
                        .retrieve()
                        .bodyToMono(String.class)
                        .timeout(Duration.ofMillis(300))
                        .block());
            }
            assertThat(lost).isLessThanOrEqualTo(7);
            if (strategy.equals("round-robin")) { // the others leave it alone before it has failed five times
                assertThat(leftOut(context)).isEqualTo(1);
            }
        });
    }

    @Test
    void hungPodBehindAnInterruptOfTheCallers_isLeftOut() {
        run("round-robin", context -> {
            for (int i = 0; i < 60; i++) {
                get(restClient(context, "builder"));
            }
            pods.get(0).behaveLike("/hang");
            untilEjected(context, () -> {
                Thread caller = new Thread(() -> ignoringErrors(() -> get(restClient(context, "builder"))));
                caller.start();
                join(caller, 300);
                caller.interrupt(); // as Future.cancel(true) does, and a time limiter
                join(caller, 10_000);
            });
        });
    }

    @Test
    void openEventStream_takesNoOrdinaryRequestFromItsPod() {
        run("p2c-least-request", context -> {
            for (int i = 0; i < 30; i++) {
                get(webClient(context));
            }
            List<String> events = new ArrayList<>();
            Disposable open = webClient(context)
                    .get()
                    .uri("http://orders/events")
                    .retrieve()
                    .bodyToFlux(String.class)
                    .subscribe(event -> {
                        synchronized (events) {
                            events.add(event);
                        }
                    });
            await().until(() -> {
                synchronized (events) {
                    return !events.isEmpty();
                }
            });
            EndpointLoad streaming = loads(context).stream()
                    .filter(load -> load.inFlight() > 0)
                    .findFirst()
                    .orElseThrow();

            await().pollDelay(Duration.ofMillis(700)).until(() -> true); // some ticks
            assertThat(streaming.inFlight()).isEqualTo(1);
            assertThat(streaming.unansweredAgeNanos()).isZero();
            assertThat(streaming.costNanos()).isLessThan(500e6);

            long before = streaming.succeeded();
            open.dispose();
            await().untilAsserted(() -> assertThat(streaming.inFlight()).isZero());
            assertThat(streaming.succeeded()).isEqualTo(before);
        });
    }

    @ParameterizedTest
    @CsvSource({"events", "ndjson", "download"})
    void openStream_leavesTheRequestsOfABlockingClientAlone(String path) {
        run("p2c-ewma", context -> {
            for (int i = 0; i < 30; i++) {
                get(restClient(context, "builder"));
            }
            restClient(context, "builder").get().uri("http://orders/" + path).exchange((request, response) -> {
                EndpointLoad streaming = loads(context).stream()
                        .filter(load -> load.inFlight() > 0)
                        .findFirst()
                        .orElseThrow();
                assertThat(response.getBody().read()).isPositive();
                await().pollDelay(Duration.ofMillis(700)).until(() -> true);
                assertThat(streaming.unansweredAgeNanos()).isZero();
                assertThat(streaming.inFlight()).isEqualTo(1);
                assertThat(streaming.costNanos()).isLessThan(500e6);
                pods.forEach(TestPod::close); // ends the stream: closing it would read to its end
                return "";
            });
            await().untilAsserted(() -> assertThat(loads(context)).allMatch(load -> load.inFlight() == 0));
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void podThatRefusesFast_getsHardlyAnything_andIsNotEjected(boolean blocking) {
        run("p2c-ewma", context -> {
            for (int i = 0; i < 30; i++) {
                get(webClient(context));
            }
            assertThat(loads(context)).hasSize(3);
            pods.get(0).behaveLike("/busy");
            int refused = 0;
            for (int i = 0; i < 150; i++) {
                refused += ignoringErrors(() -> {
                    if (blocking) {
                        get(restClient(context, "builder"));
                    } else {
                        get(webClient(context));
                    }
                });
            }
            assertThat(refused).isLessThanOrEqualTo(12); // 8%
            assertThat(cluster(context).picker().plan().ejected()).isZero();
            assertThat(load(context, 0).failed()).isZero();
            assertThat(load(context, 0).refused()).isEqualTo(refused);
        });
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void retryAfter_isObeyed(boolean blocking) {
        run("round-robin", context -> {
            for (int i = 0; i < 30; i++) {
                get(webClient(context));
            }
            await().pollDelay(Duration.ofMillis(700)).until(() -> true); // a slow tick
            assertThat(loads(context)).hasSize(3);
            EndpointLoad busy = null;
            while (busy == null) {
                ignoringErrors(() -> {
                    if (blocking) {
                        restClient(context, "builder")
                                .get()
                                .uri("http://orders/busy-for-a-minute")
                                .retrieve()
                                .body(String.class);
                    } else {
                        webClient(context)
                                .get()
                                .uri("http://orders/busy-for-a-minute")
                                .retrieve()
                                .bodyToMono(String.class)
                                .block();
                    }
                });
                busy = loads(context).stream()
                        .filter(load -> load.refused() > 0)
                        .findFirst()
                        .orElse(null);
            }
            assertThat(cluster(context).picker().plan().exclusions())
                    .singleElement()
                    .satisfies(exclusion -> assertThat(exclusion.reason()).isEqualTo(Reason.AVOIDED));
            for (int i = 0; i < 30; i++) {
                get(webClient(context));
            }
            assertThat(busy.refused()).isEqualTo(1);
        });
    }

    @ParameterizedTest
    @CsvSource({
        "/reset, builder",
        "/reset-chunked, builder",
        "/reset, simpleBuilder",
        "/reset-chunked, simpleBuilder",
        "/reset, reactorBuilder",
        "/reset-chunked, reactorBuilder",
        "/reset, webClient",
        "/reset-chunked, webClient"
    })
    void podThatResetsWithinTheBody_isEjectedAfterFive(String behaviour, String client) {
        run(
                "round-robin",
                "0s",
                context -> { // without avoidance, which would only make it last
                    for (int i = 0; i < 60; i++) {
                        get(webClient(context));
                    }
                    pods.get(0).behaveLike(behaviour);
                    int before = pods.get(0).requests();
                    int[] lost = {0};
                    untilEjected(
                            context,
                            () -> lost[0] += ignoringErrors(() -> {
                                if (client.equals("webClient")) {
                                    get(webClient(context));
                                } else {
                                    get(restClient(context, client));
                                }
                            }));
                    assertThat(lost[0]).isLessThanOrEqualTo(5);
                    assertThat(pods.get(0).requests() - before).isLessThanOrEqualTo(6);
                });
    }

    @ParameterizedTest
    @ValueSource(strings = {"builder", "simpleBuilder", "reactorBuilder"})
    void podThatResetsWithinTheBody_costsManyCallersHardlyMore(String client) {
        run("p2c-ewma", context -> {
            RestClient rest = restClient(context, client);
            for (int i = 0; i < 60; i++) {
                get(rest);
            }
            pods.get(0).behaveLike("/reset");
            int before = pods.get(0).requests();
            AtomicInteger calls = new AtomicInteger();
            List<Thread> callers = new ArrayList<>();
            for (int t = 0; t < 8; t++) {
                Thread caller = new Thread(() -> {
                    while (calls.incrementAndGet() <= 1_000) {
                        ignoringErrors(() -> get(rest));
                    }
                });
                callers.add(caller);
                caller.start();
            }
            callers.forEach(caller -> join(caller, 60_000));
            // five in a row, those under way at that moment, and a probe or a try after each second of avoidance
            assertThat(pods.get(0).requests() - before).isLessThanOrEqualTo(5 + 7 + 4);
        });
    }

    private void untilEjected(ApplicationContext context, Runnable call) {
        await().atMost(Duration.ofSeconds(40))
                .pollInterval(Duration.ofMillis(5))
                .until(() -> {
                    call.run();
                    return cluster(context).picker().plan().exclusions().stream()
                            .anyMatch(exclusion -> exclusion.reason() == Reason.EJECTED);
                });
    }

    private static int leftOut(ApplicationContext context) {
        return (int) cluster(context).picker().plan().exclusions().stream()
                .filter(exclusion -> exclusion.reason() != Reason.AVOIDED)
                .count();
    }

    private static Cluster cluster(ApplicationContext context) {
        return context.getBean(ClusterRegistry.class).cluster("orders.shop");
    }

    private EndpointLoad load(ApplicationContext context, int pod) {
        return loads(context).stream()
                .filter(load -> load.key().port() == pods.get(pod).port())
                .findFirst()
                .orElseThrow();
    }

    /** Of all that could be picked at some moment when this was called, also of those that may not be at present. */
    private List<EndpointLoad> loads(ApplicationContext context) {
        Pool pool = cluster(context).picker().plan().groups().get(0);
        for (int i = 0; i < pool.size(); i++) {
            if (!everyLoad.contains(pool.get(i).endpointLoad())) {
                everyLoad.add(pool.get(i).endpointLoad());
            }
        }
        return everyLoad;
    }

    private static WebClient webClient(ApplicationContext context) {
        return context.getBean(WebClient.Builder.class).build();
    }

    private static RestClient restClient(ApplicationContext context, String builder) {
        return context.getBean(builder, RestClient.Builder.class).build();
    }

    private static void get(WebClient client) {
        client.get().uri("http://orders/x").retrieve().bodyToMono(String.class).block();
    }

    private static void get(RestClient client) {
        client.get().uri("http://orders/x").retrieve().body(String.class);
    }

    private static int ignoringErrors(Runnable call) {
        try {
            call.run();
            return 0;
        } catch (RuntimeException e) {
            return 1;
        }
    }

    private static void join(Thread thread, long millis) {
        try {
            thread.join(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run(String strategy, Body body) {
        run(strategy, "1s", body);
    }

    private void run(String strategy, String avoidance, Body body) {
        TestContexts.fedBy(source)
                .withUserConfiguration(Clients.class)
                .withPropertyValues("xds-lb.strategy=" + strategy, "xds-lb.avoidance=" + avoidance)
                .run(context -> body.run(context));
    }

    private interface Body {
        void run(ApplicationContext context) throws Exception;
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder builder() {
            return RestClient.builder().requestFactory(new JdkClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder simpleBuilder() {
            return RestClient.builder().requestFactory(new SimpleClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        RestClient.Builder reactorBuilder() {
            return RestClient.builder().requestFactory(new ReactorClientHttpRequestFactory());
        }

        @Bean
        @LoadBalanced
        WebClient.Builder webClientBuilder() {
            return WebClient.builder();
        }
    }
}
