/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.RetryBudget;
import dev.xdslb.cluster.RetryBudgetExceededException;
import dev.xdslb.http.feign.CountedFeignClient;
import dev.xdslb.http.feign.FeignAttempts;
import dev.xdslb.springcloud.Attempts;
import dev.xdslb.springcloud.RetryBudgets;
import feign.Client;
import feign.Request;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.DefaultResponse;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.retry.RetryException;
import org.springframework.core.retry.RetryPolicy;
import org.springframework.core.retry.RetryTemplate;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.resilience.annotation.EnableResilientMethods;
import org.springframework.resilience.annotation.Retryable;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.web.client.HttpServerErrorException;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;
import reactor.core.publisher.Flux;
import reactor.core.publisher.Mono;
import reactor.util.retry.Retry;

/** Whoever retries, a service gets no more retries than its budget allows: here one to two requests. */
@Timeout(120)
class RetryBudgetClientsTest {
    private static final int REQUESTS = 20;

    private static final Request FEIGN =
            Request.create(Request.HttpMethod.GET, "http://orders/x", Map.of(), Request.Body.empty(), null);

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

    @Test
    void retriesOfWebClient_holdTheBudgetWithoutCode_andSayWhy() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            for (int i = 0; i < REQUESTS; i++) {
                Throwable failure = catchThrowable(() -> get(context).retry(2).block());
                assertThat(failure)
                        .isInstanceOfSatisfying(
                                WebClientResponseException.ServiceUnavailable.class,
                                refused -> assertThat(refused.getResponseBodyAsString())
                                        .startsWith("the retry budget of orders.shop is used up"));
            }
            assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
            assertThat(budget(context).retries()).isEqualTo(REQUESTS / 2);
            assertThat(budget(context).refused()).isPositive();
        });
    }

    @Test
    void retryOfReactorThatAsksTheBudget_endsWithTheFailureItself() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            RetryBudget budget = budget(context);
            for (int i = 0; i < REQUESTS; i++) {
                assertThatThrownBy(() -> get(context)
                                .retryWhen(Retry.max(1).filter(failure -> budget.hasRoom()))
                                .block())
                        .satisfiesAnyOf(
                                failure -> assertThat(failure)
                                        .isInstanceOf(WebClientResponseException.InternalServerError.class),
                                failure -> assertThat(failure)
                                        .hasCauseInstanceOf(WebClientResponseException.InternalServerError.class));
            }
            assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
            assertThat(budget.refused()).isZero();
        });
    }

    @Test
    void reactiveRetryThatIsCancelledBeforeItIsSent_costsNothing() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            Mono<String> call = get(context).retryWhen(Retry.fixedDelay(1, Duration.ofHours(1)));
            assertThatThrownBy(() -> call.block(Duration.ofMillis(300))).isInstanceOf(IllegalStateException.class);
            assertThat(budget(context).retries()).isZero();
        });
    }

    @Test
    void streamThatIsLostAfterAnEvent_isAskedForElsewhere_andIsNoRetry() {
        pods.get(0).behaveLike("/lost-events");
        pods.get(1).behaveLike("/lost-events");
        run(context -> {
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(events(context).retry(2).collectList().block())
                        .last()
                        .isEqualTo("pod " + pods.get(2).port());
            }
            assertThat(requests()).isGreaterThan(REQUESTS);
            assertThat(budget(context).retries()).isZero();
            assertThat(budget(context).refused()).isZero();
        });
    }

    @Test
    void streamThatIsLostBeforeAnyEvent_isRetried_asTheBudgetAllows() {
        pods.forEach(pod -> pod.behaveLike("/lost-before-events"));
        run(context -> {
            for (int i = 0; i < REQUESTS; i++) {
                assertThatThrownBy(() -> events(context).retry(2).blockLast())
                        .isInstanceOf(WebClientResponseException.ServiceUnavailable.class);
            }
            assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
        });
    }

    @Test
    void failureAfterALostStream_isRetriedAsAnyOther() {
        pods.forEach(pod -> pod.behaveLike("/lost-events"));
        run(context -> {
            assertThatThrownBy(() -> events(context)
                            .doOnNext(event -> pods.forEach(pod -> pod.behaveLike("/error")))
                            .retry(3)
                            .blockLast())
                    .isInstanceOf(WebClientResponseException.ServiceUnavailable.class);
            assertThat(requests()).as("two requests have room for one retry").isEqualTo(3);
            assertThat(budget(context).retries()).isEqualTo(1);
        });
    }

    @Test
    void blockingStreamThatIsLostAfterAnEvent_isAskedForElsewhere_andIsNoRetry() {
        pods.get(0).behaveLike("/lost-events");
        pods.get(1).behaveLike("/lost-events");
        run(context -> {
            RetryTemplate template = new RetryTemplate(retries(2).build());
            for (int i = 0; i < REQUESTS; i++) {
                Attempts attempts = new Attempts();
                assertThat(template.execute(() -> attempts.call(() -> blocking(context))))
                        .isEqualTo("pod " + pods.get(2).port());
            }
            assertThat(requests()).isGreaterThan(REQUESTS);
            assertThat(budget(context).retries()).isZero();
        });
    }

    @Test
    void retryTemplate_retriesAsLongAsThereIsRoom_andFailsAsUsual() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            RetryTemplate template = template(context, retries(2).build());
            for (int i = 0; i < REQUESTS; i++) {
                assertThatThrownBy(() -> template.execute(() -> blocking(context)))
                        .isInstanceOf(RetryException.class)
                        .hasCauseInstanceOf(HttpServerErrorException.InternalServerError.class);
            }
            assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
        });
    }

    @Test
    void policyThatSaysNo_costsTheBudgetNothing() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            RetryTemplate template =
                    template(context, retries(2).includes(IOException.class).build());
            for (int i = 0; i < REQUESTS; i++) {
                assertThatThrownBy(() -> template.execute(() -> blocking(context)))
                        .isInstanceOf(RetryException.class);
            }
            assertThat(requests()).isEqualTo(REQUESTS);
            assertThat(budget(context).retries()).isZero();
            assertThat(budget(context).refused()).isZero();
        });
    }

    @Test
    void retriesThatAPolicyHasNotGot_areNotTakenFromTheBudget() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(
                context -> {
                    RetryTemplate template = template(context, retries(2).build());
                    for (int i = 0; i < REQUESTS; i++) {
                        assertThatThrownBy(() -> template.execute(() -> blocking(context)))
                                .isInstanceOf(RetryException.class);
                    }
                    assertThat(requests()).isEqualTo(3 * REQUESTS);
                    assertThat(budget(context).retries()).isEqualTo(2 * REQUESTS);
                },
                "xds-lb.clients.orders.retry-budget.min-per-second=1000");
    }

    @Test
    void blockingRetryThatIsInterruptedBeforeItIsSent_counts_andIsNotSent() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(
                context -> {
                    RetryTemplate template = template(
                            context,
                            RetryPolicy.builder().delay(Duration.ofHours(1)).build());
                    assertThatThrownBy(() -> template.execute(() -> {
                                try {
                                    return blocking(context);
                                } finally {
                                    Thread.currentThread().interrupt();
                                }
                            }))
                            .isInstanceOf(RetryException.class);
                    assertThat(Thread.interrupted()).isTrue();
                    assertThat(requests()).isEqualTo(1);
                    assertThat(budget(context).retries()).isEqualTo(1);
                },
                "xds-lb.clients.orders.retry-budget.min-per-second=1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/error", "/reset", "/busy"})
    void blockingAttemptsThatAreLinked_goElsewhere_andAreCounted(String fault) {
        pods.get(0).behaveLike(fault);
        pods.get(1).behaveLike(fault);
        run(
                context -> {
                    RetryTemplate template = new RetryTemplate(retries(2).build());
                    for (int i = 0; i < REQUESTS; i++) {
                        Attempts attempts = new Attempts();
                        assertThat(template.execute(() -> attempts.call(() -> blocking(context))))
                                .isEqualTo("pod " + pods.get(2).port());
                    }
                    assertThat(budget(context).retries()).isEqualTo(requests() - REQUESTS);
                    assertThat(Attempts.ofThread()).isNull();
                },
                "xds-lb.clients.orders.retry-budget.min-per-second=1000");
    }

    @Test
    void blockingAttemptsThatAreLinked_holdTheBudget() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(context -> {
            RetryTemplate template = new RetryTemplate(retries(2).build());
            for (int i = 0; i < REQUESTS; i++) {
                Attempts attempts = new Attempts();
                assertThatThrownBy(() -> template.execute(() -> attempts.call(() -> blocking(context))))
                        .isInstanceOf(RetryException.class)
                        .cause()
                        .hasMessageContaining("the retry budget of orders.shop is used up");
            }
            assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
        });
    }

    @Test
    void methodThatIsRetryable_goesElsewhere_whereItsCallerLinksIt() {
        pods.get(0).behaveLike("/error");
        pods.get(1).behaveLike("/error");
        run(
                context -> {
                    RetryableOrders orders = context.getBean(RetryableOrders.class);
                    for (int i = 0; i < REQUESTS; i++) {
                        assertThat(new Attempts().call(() -> orders.get(context)))
                                .isEqualTo("pod " + pods.get(2).port());
                    }
                    assertThat(budget(context).retries()).isEqualTo(requests() - REQUESTS);
                },
                "xds-lb.clients.orders.retry-budget.min-per-second=1000");
    }

    @Configuration(proxyBeanMethods = false)
    @EnableResilientMethods
    static class Resilience {
        @Bean
        RetryableOrders retryableOrders() {
            return new RetryableOrders();
        }
    }

    static class RetryableOrders {
        @Retryable(maxRetries = 2, delay = 0)
        String get(ApplicationContext context) {
            return blocking(context);
        }
    }

    /** As Spring Cloud's retrying client for Feign does it, which needs Spring Retry. */
    @Test
    void retryOfFeignThatIsRefused_isNotSentToTheServicesName() {
        run(context -> {
            LoadBalancerClient balancer = context.getBean(LoadBalancerClient.class);
            FeignAttempts attempts = new FeignAttempts(id -> ServiceConnection.DEFAULT);
            RequestData data = new RequestData(
                    HttpMethod.GET,
                    URI.create("http://orders/x"),
                    new HttpHeaders(),
                    new LinkedMultiValueMap<>(),
                    new HashMap<>());
            DefaultRequest<Object> request = new DefaultRequest<>(new RetryableRequestContext(null, data));
            Client retrying = (sent, options) -> {
                for (int attempt = 0; ; attempt++) {
                    ServiceInstance instance = balancer.choose("orders", request);
                    attempts.onStartRequest(request, new DefaultResponse(instance));
                    assertThat(attempt).as("a retry without instance goes out").isZero();
                    request.setContext(new RetryableRequestContext(instance, data));
                }
            };
            assertThatThrownBy(() -> new CountedFeignClient(id -> ServiceConnection.DEFAULT)
                            .enrich(retrying)
                            .execute(FEIGN, new Request.Options()))
                    .isInstanceOf(RetryBudgetExceededException.class);
        });
    }

    @Test
    void requestAfterAnAnswer_orToAnotherService_isNoRetry() throws Exception {
        try (TestPod stock = new TestPod()) {
            source.publish("stock.shop", stock.endpoint());
            pods.forEach(pod -> pod.behaveLike("/error"));
            run(context -> {
                Attempts attempts = new Attempts();
                for (int i = 0; i < REQUESTS; i++) {
                    assertThat(catchThrowable(() -> attempts.call(() -> blocking(context))))
                            .isNotNull();
                    assertThat(attempts.call(() -> blocking(context, "http://stock/ok")))
                            .isEqualTo("pod " + stock.port());
                }
                assertThat(budget(context).retries()).isZero();
                assertThat(context.getBean(RetryBudgets.class).of("stock").retries())
                        .isZero();
            });
        }
    }

    @Test
    void requestsAfterAnAnswerOfTheSameService_areNoRetries() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        run(
                context -> {
                    Attempts attempts = new Attempts();
                    assertThat(catchThrowable(() -> attempts.call(() -> blocking(context))))
                            .isNotNull();
                    pods.forEach(pod -> pod.behaveLike("/ok"));
                    for (int i = 0; i < 4; i++) {
                        assertThat(attempts.call(() -> blocking(context))).isNotNull();
                    }
                    assertThat(budget(context).retries()).isEqualTo(1);
                },
                "xds-lb.clients.orders.retry-budget.min-per-second=1000");
    }

    @Test
    void loopThatAsksByItself_getsWhatThereIs() {
        run(context -> {
            RetryBudget budget = budget(context);
            assertThat(budget.tryRetry()).isFalse();
            blocking(context);
            blocking(context);
            assertThat(budget.tryRetry()).isTrue();
            assertThat(budget)
                    .as("that of the cluster")
                    .isSameAs(context.getBean(ClusterRegistry.class)
                            .cluster("orders.shop")
                            .retryBudget());
        });
    }

    private interface ClientTest {
        void run(ApplicationContext context) throws Exception;
    }

    private void run(ClientTest test, String... properties) {
        TestContexts.fedBy(source)
                .withUserConfiguration(HttpClientsTest.Clients.class, Resilience.class)
                .withPropertyValues(
                        "xds-lb.strategy=random",
                        "xds-lb.ejection.max-share=0",
                        "xds-lb.error-bias.exponent=0",
                        "xds-lb.avoidance=0",
                        "xds-lb.retry-budget.min-per-second=0",
                        "xds-lb.retry-budget.window=10m",
                        "xds-lb.clients.orders.retry-budget.share=0.5")
                .withPropertyValues(properties)
                .run(test::run);
    }

    private int requests() {
        return pods.stream().mapToInt(TestPod::requests).sum();
    }

    private static RetryPolicy.Builder retries(int max) {
        return RetryPolicy.builder().maxRetries(max).delay(Duration.ZERO);
    }

    private static RetryTemplate template(ApplicationContext context, RetryPolicy policy) {
        return new RetryTemplate(context.getBean(RetryBudgets.class).policy("orders", policy));
    }

    private static RetryBudget budget(ApplicationContext context) {
        return context.getBean(RetryBudgets.class).of("orders");
    }

    private static String blocking(ApplicationContext context) {
        return blocking(context, "http://orders/x");
    }

    private static String blocking(ApplicationContext context, String uri) {
        return String.valueOf(context.getBean("plainBuilder", RestClient.Builder.class)
                .build()
                .get()
                .uri(uri)
                .retrieve()
                .body(String.class));
    }

    private static Flux<String> events(ApplicationContext context) {
        return context.getBean("plainWebBuilder", WebClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/x")
                .retrieve()
                .bodyToFlux(String.class);
    }

    private static Mono<String> get(ApplicationContext context) {
        return context.getBean("plainWebBuilder", WebClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/x")
                .retrieve()
                .bodyToMono(String.class);
    }
}
