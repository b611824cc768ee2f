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
import dev.xdslb.cluster.ClusterRegistry;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.service.annotation.GetExchange;
import org.springframework.web.service.registry.HttpServiceGroup;
import org.springframework.web.service.registry.ImportHttpServices;
import reactor.core.publisher.Mono;

/** HTTP interfaces in groups that call through WebClient. */
class WebClientGroupsTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "spring.http.serviceclient.orders.base-url=lb://orders"})
    void group_isBalancedCountedAndRetriedElsewhere(String baseUrl) throws Exception {
        FakeEndpointSource source = new FakeEndpointSource();
        try (TestPod broken = new TestPod();
                TestPod good = new TestPod()) {
            broken.behaveLike("/error");
            source.publish("orders.shop", broken.endpoint(), good.endpoint());
            TestContexts.fedBy(source)
                    .withUserConfiguration(Groups.class)
                    .withPropertyValues(
                            "xds-lb.strategy=random",
                            "xds-lb.ejection.max-share=0",
                            "xds-lb.error-bias.exponent=0",
                            baseUrl)
                    .run(context -> {
                        Orders orders = context.getBean(Orders.class);
                        for (int i = 0; i < 40; i++) {
                            assertThat(orders.get().retry(1).block()).isEqualTo("pod " + good.port());
                        }
                        assertThat(broken.requests()).isPositive();
                        var pool = context.getBean(ClusterRegistry.class)
                                .cluster("orders.shop")
                                .picker()
                                .plan()
                                .groups()
                                .get(0);
                        await().untilAsserted(() -> {
                            long ended = 0;
                            for (int i = 0; i < pool.size(); i++) {
                                var load = pool.get(i).endpointLoad();
                                assertThat(load.inFlight()).isZero();
                                ended += load.succeeded() + load.failed();
                            }
                            assertThat(ended).isEqualTo(broken.requests() + good.requests());
                        });
                    });
        }
    }

    interface Orders {
        @GetExchange("/x")
        Mono<String> get();
    }

    @Configuration(proxyBeanMethods = false)
    @ImportHttpServices(group = "orders", types = Orders.class, clientType = HttpServiceGroup.ClientType.WEB_CLIENT)
    static class Groups {}
}
