/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.RequestKey;
import java.net.URI;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.loadbalancer.DefaultRequest;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;
import org.springframework.cloud.client.loadbalancer.RequestData;
import org.springframework.cloud.client.loadbalancer.RequestDataContext;
import org.springframework.context.ApplicationContext;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.util.CollectionUtils;

/** Requests with the same key go to the same pod, by properties alone. */
class KeyedRequestsTest {
    private final FakeEndpointSource source = new FakeEndpointSource();

    KeyedRequestsTest() {
        Endpoint[] endpoints = new Endpoint[10];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = Endpoint.builder("10.0.0." + (i + 1), 8080).build();
        }
        source.publish("orders.shop", endpoints);
    }

    @Test
    void header_decides() {
        TestContexts.fedBy(source)
                .withPropertyValues("xds-lb.strategy=ring-hash", "xds-lb.hash.key=header:X-User")
                .run(context -> assertUsersStay(context, user -> choose(context, Map.of("x-user", user), Map.of())));
    }

    @Test
    void cookie_decides() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.clients.orders.strategy=maglev", "xds-lb.clients.orders.hash.key=cookie:session")
                .run(context -> assertUsersStay(context, user -> choose(context, Map.of(), Map.of("session", user))));
    }

    @Test
    void beanOfTheApplications_decides() {
        TestContexts.fedBy(source)
                .withBean("userKey", RequestKey.class, () -> request -> {
                    String token = request.header("authorization");
                    return token == null ? null : token.substring("Bearer ".length());
                })
                .withPropertyValues("xds-lb.strategy=maglev", "xds-lb.hash.key=bean:userKey")
                .run(context -> assertUsersStay(
                        context, user -> choose(context, Map.of("authorization", "Bearer " + user), Map.of())));
    }

    @Test
    void clientsSettings_completeTheGeneralOnes() {
        TestContexts.fedBy(source)
                .withPropertyValues(
                        "xds-lb.strategy=ring-hash",
                        "xds-lb.hash.key=header:x-user",
                        "xds-lb.hash.ring-size=2048",
                        "xds-lb.clients.orders.hash.balance-factor=0",
                        "xds-lb.clients.stock.zones.affinity=off")
                .run(context -> {
                    ClusterRegistry clusters = context.getBean(ClusterRegistry.class);
                    ClusterSettings general = clusters.cluster("other.shop").settings();
                    ClusterSettings orders = clusters.cluster("orders.shop").settings();
                    assertThat(orders.strategy().name()).isEqualTo("ring-hash");
                    assertThat(orders.strategy().usesPoolLoad()).isFalse();
                    assertThat(general.strategy().usesPoolLoad()).isTrue();
                    assertThat(clusters.cluster("stock.shop").settings().strategy())
                            .isSameAs(general.strategy());
                });
    }

    private static void assertUsersStay(ApplicationContext context, Function<String, String> pod) {
        assertThat(context.getBean(ClusterRegistry.class)).isNotNull();
        Set<String> pods = new HashSet<>();
        for (int i = 0; i < 100; i++) {
            String user = "user-" + i;
            String first = pod.apply(user);
            pods.add(first);
            assertThat(List.of(pod.apply(user), pod.apply(user))).containsOnly(first);
        }
        assertThat(pods).hasSize(10);
    }

    private static String choose(ApplicationContext context, Map<String, String> headers, Map<String, String> cookies) {
        HttpHeaders httpHeaders = new HttpHeaders();
        headers.forEach(httpHeaders::add);
        RequestData data = new RequestData(
                HttpMethod.GET,
                URI.create("http://orders/x"),
                httpHeaders,
                CollectionUtils.toMultiValueMap(cookies.entrySet().stream()
                        .collect(Collectors.toMap(Map.Entry::getKey, cookie -> List.of(cookie.getValue())))),
                Map.of());
        return context.getBean(LoadBalancerClient.class)
                .choose("orders", new DefaultRequest<>(new RequestDataContext(data)))
                .getHost();
    }
}
