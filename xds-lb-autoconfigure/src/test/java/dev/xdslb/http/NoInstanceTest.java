/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.NoEndpointException;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.assertj.AssertableApplicationContext;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.context.runner.ContextConsumer;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.CompletionContext;
import org.springframework.cloud.client.loadbalancer.LoadBalancerLifecycle;
import org.springframework.cloud.client.loadbalancer.Request;
import org.springframework.cloud.client.loadbalancer.Response;
import org.springframework.context.ApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.client.RestTemplate;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** What the callers of each client get where there is no endpoint: what Spring Cloud gives them, with our reason. */
class NoInstanceTest {
    private static final String REASON = "the service has no endpoints (scaled to zero?)";

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final Completions completions = new Completions();

    @Test
    void restClient_throwsThatThereIsNone() {
        run(context -> assertThatThrownBy(() -> throughRestClient(context, "http://orders/ok"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageStartingWith("No instances available for orders: ")
                .hasMessageContaining(REASON)
                .hasCauseInstanceOf(NoEndpointException.class));
    }

    @Test
    void restTemplate_throwsThatThereIsNone() {
        run(context -> assertThatThrownBy(() -> context.getBean("plainTemplate", RestTemplate.class)
                        .getForObject("http://orders/ok", String.class))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining(REASON));
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void webClient_gets503WithTheReason(boolean retrying) {
        source.publish("orders.shop");
        application()
                .withPropertyValues("spring.cloud.loadbalancer.retry.enabled=" + retrying)
                .run(context -> assertThatThrownBy(() -> throughWebClient(context, "http://orders/ok"))
                        .isInstanceOfSatisfying(
                                WebClientResponseException.ServiceUnavailable.class,
                                e -> assertThat(e.getResponseBodyAsString())
                                        .startsWith("no endpoint for service \"orders\"")
                                        .contains(REASON)));
    }

    @Test
    void unreadableName_isNoInstanceEither() {
        run(context -> {
            assertThatThrownBy(() -> throughRestClient(context, "http://api.example.com/ok"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("xds-lb.clients.[api.example.com].resource");
            assertThatThrownBy(() -> throughWebClient(context, "http://api.example.com/ok"))
                    .isInstanceOfSatisfying(
                            WebClientResponseException.ServiceUnavailable.class,
                            e -> assertThat(e.getResponseBodyAsString())
                                    .contains("xds-lb.clients.[api.example.com].resource"));
        });
    }

    @Test
    void a503OfThePod_isItsOwn() throws Exception {
        try (TestPod pod = new TestPod()) {
            source.publish("orders.shop", pod.endpoint());
            application()
                    .run(context -> assertThatThrownBy(() -> throughWebClient(context, "http://orders/broken"))
                            .isInstanceOfSatisfying(
                                    WebClientResponseException.ServiceUnavailable.class,
                                    e -> assertThat(e.getResponseBodyAsString()).isEqualTo("broken")));
        }
    }

    @Test
    void lifecycles_areToldThatItIsDiscarded() {
        run(context -> {
            assertThatThrownBy(() -> throughRestClient(context, "http://orders/ok"));
            assertThatThrownBy(() -> throughWebClient(context, "http://orders/ok"));
            assertThat(completions.all).containsExactly("START", "DISCARD", "START", "DISCARD");
        });
    }

    @Test
    void strategyThatThrows_isAnErrorThatNamesIt() throws Exception {
        try (TestPod pod = new TestPod()) {
            source.publish("orders.shop", pod.endpoint());
            application()
                    .withBean(LoadBalancingStrategy.class, Broken::new)
                    .withPropertyValues("xds-lb.strategy=broken")
                    .run(context -> {
                        assertThatThrownBy(() -> throughRestClient(context, "http://orders/ok"))
                                .hasMessageStartingWith("strategy broken of orders.shop failed: ");
                        assertThatThrownBy(() -> throughWebClient(context, "http://orders/ok"))
                                .hasMessageStartingWith("strategy broken of orders.shop failed: ");
                    });
        }
    }

    private ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withUserConfiguration(HttpClientsTest.Clients.class)
                .withBean(Completions.class, () -> completions);
    }

    private void run(ContextConsumer<AssertableApplicationContext> test) {
        source.publish("orders.shop");
        application().run(test);
    }

    private static String throughRestClient(ApplicationContext context, String uri) {
        return context.getBean("plainBuilder", RestClient.Builder.class)
                .build()
                .get()
                .uri(uri)
                .retrieve()
                .body(String.class);
    }

    private static String throughWebClient(ApplicationContext context, String uri) {
        return context.getBean("plainWebBuilder", WebClient.Builder.class)
                .build()
                .get()
                .uri(uri)
                .retrieve()
                .bodyToMono(String.class)
                .block();
    }

    private static final class Completions implements LoadBalancerLifecycle<Object, Object, ServiceInstance> {
        private final List<String> all = new CopyOnWriteArrayList<>();

        @Override
        public void onStart(Request<Object> request) {
            all.add("START");
        }

        @Override
        public void onStartRequest(Request<Object> request, Response<ServiceInstance> response) {
            all.add("SENT");
        }

        @Override
        public void onComplete(CompletionContext<Object, ServiceInstance, Object> completion) {
            all.add(completion.status().name());
        }
    }

    private static final class Broken implements LoadBalancingStrategy {
        @Override
        public String name() {
            return "broken";
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> {
                throw new IllegalArgumentException("no tenant");
            };
        }
    }
}
