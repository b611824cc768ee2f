/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.TestPod;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.Locality;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.cloud.client.loadbalancer.RetryableRequestContext;
import org.springframework.cloud.loadbalancer.support.LoadBalancerClientFactory;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.LinkedMultiValueMap;
import reactor.core.publisher.Mono;

/** What an application has written for Spring Cloud LoadBalancer stays true around the endpoints of the control plane. */
@ExtendWith(OutputCaptureExtension.class)
class SpringCloudListsTest {
    private static final int REQUESTS = 100;
    private static final String ALL = "spring.cloud.loadbalancer.configurations=";
    private static final String ORDERS = "spring.cloud.loadbalancer.clients.orders.";

    private final FakeEndpointSource source = new FakeEndpointSource();

    @BeforeEach
    void publish() {
        source.publish("orders.shop", pod("a", "1"), pod("b", "1"), pod("c", "2"));
        source.publish("stock.shop", pod("a", "1"), pod("b", "1"), pod("c", "2"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "spring.cloud.loadbalancer.configurations=request-based-sticky-session",
                "spring.cloud.loadbalancer.configurations=Request-Based-Sticky-Session",
                "spring.cloud.loadbalancer.clients.orders.configurations=request-based-sticky-session"
            })
    void stickySession_goesWhereTheCookieSays(String property) {
        application(property).run(context -> {
            assertThat(chosen(context, "orders", "sc-lb-instance-id", "b")).containsExactly("b");
            assertThat(chosen(context, "orders", "sc-lb-instance-id", "gone")).containsExactly("a", "b", "c");
            assertThat(chosen(context, "orders")).containsExactly("a", "b", "c");
        });
    }

    @Test
    void stickySession_hasTheCookieOfTheProperties() {
        application(ALL + "request-based-sticky-session", ORDERS + "sticky-session.instance-id-cookie-name=pod")
                .run(context ->
                        assertThat(chosen(context, "orders", "pod", "c")).containsExactly("c"));
    }

    @Test
    void configurationOfOneService_isItsOwn() {
        application(ORDERS + "configurations=request-based-sticky-session").run(context -> {
            assertThat(chosen(context, "stock", "sc-lb-instance-id", "b")).containsExactly("a", "b", "c");
        });
        application(ALL + "request-based-sticky-session", ORDERS + "configurations=default")
                .run(context -> assertThat(chosen(context, "orders", "sc-lb-instance-id", "b"))
                        .containsExactly("a", "b", "c"));
    }

    @Test
    void sameInstancePreference_staysWhereItWas_asLongAsThatIsThere() {
        application(ALL + "same-instance-preference").run(context -> {
            Set<String> first = chosen(context, "orders");
            assertThat(first).hasSize(1);
            source.publish("orders.shop", pod("d", "1"), pod("e", "1"));
            assertThat(chosen(context, "orders")).hasSize(1).doesNotContainAnyElementsOf(first);
        });
    }

    @Test
    void zonePreference_staysInTheZone() {
        application(ALL + "zone-preference", "spring.cloud.loadbalancer.zone=1").run(context -> {
            assertThat(chosen(context, "orders")).containsExactly("a", "b");
            source.publish("orders.shop", pod("c", "2"));
            assertThat(chosen(context, "orders")).as("none there").containsExactly("c");
        });
    }

    @Test
    void zoneOfSpringCloud_isTheOwnOne_unlessThereIsOneOfOurs() {
        application("spring.cloud.loadbalancer.zone=1", "xds-lb.zones.affinity=forced")
                .run(context -> assertThat(chosen(context, "orders")).containsExactly("a", "b"));
        application("spring.cloud.loadbalancer.zone=1", "xds-lb.zone=2", "xds-lb.zones.affinity=forced")
                .run(context -> assertThat(chosen(context, "orders")).containsExactly("c"));
    }

    @Test
    void subset_isAlwaysTheSame() {
        application(ALL + "subset", ORDERS + "subset.size=1", ORDERS + "subset.instance-id=me")
                .run(context -> assertThat(chosen(context, "orders")).hasSize(1));
    }

    @Test
    void hint_isObeyed() {
        source.publish("orders.shop", hinted("a", "canary"), hinted("b", "stable"));
        application(ORDERS + "hint.orders=canary").run(context -> {
            RequestDataContext hinted = new RequestDataContext(data("", ""), "canary"); // as each client makes it
            for (int i = 0; i < REQUESTS; i++) {
                assertThat(id(context, "orders", hinted)).isEqualTo("a");
            }
        });
    }

    @Test
    void apiVersion_isThatOfTheRequest() {
        source.publish("orders.shop", versioned("a", "1.0"), versioned("b", "2.0"));
        application(ALL + "api-version", "spring.cloud.loadbalancer.api-version.header=X-API-Version")
                .run(context -> {
                    RequestData data = data("", "");
                    data.getHeaders().add("X-API-Version", "2.0");
                    for (int i = 0; i < REQUESTS; i++) {
                        assertThat(id(context, "orders", new RequestDataContext(data)))
                                .isEqualTo("b");
                    }
                });
    }

    @Test
    void weighted_isWhatEveryStrategyDoes() {
        source.publish(
                "orders.shop",
                Endpoint.builder("10.0.0.1", 8080).pod("a", "").weight(9).build(),
                Endpoint.builder("10.0.0.2", 8080).pod("b", "").weight(1).build());
        application(ALL + "weighted", "xds-lb.strategy=weighted-round-robin").run(context -> {
            int heavy = 0;
            for (int i = 0; i < 1_000; i++) {
                heavy += id(context, "orders", new RequestDataContext(data("", "")))
                                .equals("a")
                        ? 1
                        : 0;
            }
            assertThat(heavy).isBetween(890, 910);
        });
    }

    @Test
    void healthCheck_leavesOutWhoFailsIt_andSeesChanges() throws Exception {
        try (TestPod good = new TestPod();
                TestPod bad = new TestPod();
                TestPod later = new TestPod()) {
            bad.behaveLike("/error");
            source.publish("orders.shop", good.endpoint(), bad.endpoint());
            application(
                            ALL + "health-check",
                            ORDERS + "health-check.path.default=/x",
                            ORDERS + "health-check.update-results-list=false", // whole lists only
                            ORDERS + "health-check.interval=1s")
                    .run(context -> {
                        await().atMost(Duration.ofSeconds(20))
                                .untilAsserted(() -> assertThat(chosen(context, "orders"))
                                        .containsExactly(good.endpoint().podName()));
                        source.publish("orders.shop", good.endpoint(), bad.endpoint(), later.endpoint());
                        await().atMost(Duration.ofSeconds(20))
                                .untilAsserted(() -> assertThat(chosen(context, "orders"))
                                        .containsExactlyInAnyOrder(
                                                good.endpoint().podName(),
                                                later.endpoint().podName()));
                    });
        }
    }

    @Test
    void healthCheck_mayHaveAPortOfItsOwn() throws Exception {
        try (TestPod management = new TestPod()) {
            source.publish(
                    "orders.shop", Endpoint.builder("127.0.0.1", 1).build()); // where nobody would answer a check
            application(
                            ALL + "health-check",
                            ORDERS + "health-check.path.default=/ok",
                            ORDERS + "health-check.port=" + management.port(),
                            ORDERS + "health-check.interval=1s")
                    .run(context -> await().atMost(Duration.ofSeconds(20))
                            .untilAsserted(
                                    () -> assertThat(chosen(context, "orders")).containsExactly("127.0.0.1:1")));
        }
    }

    @Test
    void retry_goesElsewhereWithinTheList() {
        application(ALL + "zone-preference", "spring.cloud.loadbalancer.zone=1").run(context -> {
            for (int i = 0; i < REQUESTS; i++) {
                ServiceInstance first = instance(context, "orders", new RequestDataContext(data("", "")));
                ServiceInstance second = instance(context, "orders", new RetryableRequestContext(first, data("", "")));
                assertThat(Set.of(first.getInstanceId(), second.getInstanceId()))
                        .containsExactlyInAnyOrder("a", "b");
            }
        });
    }

    @Test
    void unknownConfiguration_endsTheStart_whereTheServiceIsConfigured(CapturedOutput output) {
        application(ALL + "zone-preferences", "xds-lb.clients.orders.enabled=true")
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining("spring.cloud.loadbalancer.configurations of service \"orders\" is"
                                + " \"zone-preferences\"")
                        .hasMessageContaining("request-based-sticky-session"));
        application(ALL + "zone-preferences")
                .run(context -> assertThatThrownBy(() -> chosen(context, "orders"))
                        .rootCause()
                        .hasMessageContaining("zone-preferences"));
        assertThat(output).contains("which is no configuration of Spring Cloud's");
    }

    @Test
    void cache_isSaidToHaveNoEffect(CapturedOutput output) {
        application("spring.cloud.loadbalancer.cache.ttl=10s")
                .run(context -> assertThat(chosen(context, "orders")).hasSize(3));
        assertThat(output).contains("spring.cloud.loadbalancer.cache.ttl has no effect");
    }

    private ApplicationContextRunner application(String... properties) {
        return TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.strategy=round-robin")
                .withPropertyValues(properties);
    }

    private static Set<String> chosen(ApplicationContext context, String serviceId) {
        return chosen(context, serviceId, "other", "x");
    }

    private static Set<String> chosen(ApplicationContext context, String serviceId, String cookie, String value) {
        Set<String> ids = new TreeSet<>();
        for (int i = 0; i < REQUESTS; i++) {
            ids.add(id(context, serviceId, new RequestDataContext(data(cookie, value))));
        }
        return ids;
    }

    private static String id(ApplicationContext context, String serviceId, RequestDataContext request) {
        ServiceInstance instance = instance(context, serviceId, request);
        return instance == null ? "none" : instance.getInstanceId(); // a check may not have been made yet
    }

    private static ServiceInstance instance(ApplicationContext context, String serviceId, RequestDataContext request) {
        return Mono.from(context.getBean(LoadBalancerClientFactory.class)
                        .getInstance(serviceId)
                        .choose(new DefaultRequest<>(request)))
                .block(Duration.ofSeconds(30))
                .getServer();
    }

    private static RequestData data(String cookie, String value) {
        LinkedMultiValueMap<String, String> cookies = new LinkedMultiValueMap<>();
        cookies.put(cookie, List.of(value));
        return new RequestData(HttpMethod.GET, URI.create("http://orders/x"), new HttpHeaders(), cookies, Map.of());
    }

    private static Endpoint pod(String name, String zone) {
        return Endpoint.builder("10.0.0." + (name.charAt(0) - 'a' + 1), 8080)
                .pod(name, "uid-" + name)
                .locality(Locality.ofZone(zone))
                .build();
    }

    private static Endpoint hinted(String name, String hint) {
        return labelled(name, "hint", hint);
    }

    private static Endpoint versioned(String name, String version) {
        return labelled(name, "API_VERSION", version);
    }

    private static Endpoint labelled(String name, String label, String value) {
        return Endpoint.builder("10.0.0." + (name.charAt(0) - 'a' + 1), 8080)
                .pod(name, "uid-" + name)
                .labels(Map.of(label, value))
                .build();
    }
}
