/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http.springretry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.RetryBudget;
import dev.xdslb.cluster.RetryBudgetExceededException;
import dev.xdslb.springcloud.RetryBudgets;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.cloud.client.loadbalancer.LoadBalanced;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;

/** Spring Retry, by which Spring Cloud's blocking clients retry, gets no more retries than the budget allows: one to two requests. */
@Timeout(60)
class SpringRetryBudgetTest {
    private static final int REQUESTS = 20;

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
    @ValueSource(booleans = {false, true})
    void budgetIsHeld_whicheverExceptionsAreRetried(boolean all) {
        pods.forEach(pod -> pod.behaveLike("/error"));
        application()
                .withPropertyValues("spring.cloud.loadbalancer.retry.retry-on-all-exceptions=" + all)
                .run(context -> {
                    for (int i = 0; i < REQUESTS; i++) {
                        assertThat(catchThrowable(() -> get(context))).isNotNull();
                    }
                    assertThat(requests()).isEqualTo(REQUESTS + REQUESTS / 2);
                    assertThat(budget(context).retries()).isEqualTo(REQUESTS / 2);
                });
    }

    @Test
    void retryThatIsRefused_isTheLast_andSaysWhy() {
        pods.forEach(pod -> pod.behaveLike("/error"));
        application()
                .withPropertyValues("spring.cloud.loadbalancer.retry.retry-on-all-exceptions=true")
                .run(context -> {
                    assertThat(catchThrowable(() -> get(context)))
                            .hasRootCauseInstanceOf(RetryBudgetExceededException.class);
                    assertThat(requests()).isEqualTo(1);
                    assertThat(budget(context).refused()).isEqualTo(1);
                });
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withUserConfiguration(Clients.class)
                .withPropertyValues(
                        "spring.cloud.loadbalancer.retry.max-retries-on-next-service-instance=4",
                        "spring.cloud.loadbalancer.retry.retryable-status-codes=500",
                        "xds-lb.strategy=random",
                        "xds-lb.ejection.max-share=0",
                        "xds-lb.error-bias.exponent=0",
                        "xds-lb.avoidance=0",
                        "xds-lb.retry-budget.min-per-second=0",
                        "xds-lb.retry-budget.window=10m",
                        "xds-lb.clients.orders.retry-budget.share=0.5");
    }

    private int requests() {
        return pods.stream().mapToInt(TestPod::requests).sum();
    }

    private static RetryBudget budget(ApplicationContext context) {
        return context.getBean(RetryBudgets.class).of("orders");
    }

    private static String get(ApplicationContext context) {
        return String.valueOf(context.getBean(RestClient.Builder.class)
                .build()
                .get()
                .uri("http://orders/x")
                .retrieve()
                .body(String.class));
    }

    @Configuration(proxyBeanMethods = false)
    static class Clients {
        @Bean
        @LoadBalanced
        RestClient.Builder restClients() {
            return RestClient.builder();
        }
    }
}
