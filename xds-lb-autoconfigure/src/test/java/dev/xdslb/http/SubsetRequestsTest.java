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
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.strategy.RequestKey;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;
import org.springframework.web.reactive.function.client.WebClientResponseException;

/** A request goes to the pods that its header asks for, by properties alone. */
class SubsetRequestsTest {
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final TestPod seven = new TestPod();
    private final TestPod eight = new TestPod();

    SubsetRequestsTest() throws IOException {
        source.publish(
                "orders.shop",
                shardOf(seven, "7").build(),
                shardOf(eight, "8").labels(Map.of("gpu", "h100")).build());
    }

    @AfterEach
    void stopPods() {
        seven.close();
        eight.close();
    }

    @Test
    void header_namesTheShard() {
        withProperties("from=header:x-shard").run(context -> {
            for (int i = 0; i < 10; i++) {
                throughRestClient(context, "7");
            }
            throughWebClient(context, "8");

            assertThat(seven.requests()).isEqualTo(10);
            assertThat(eight.requests()).isEqualTo(1);
        });
    }

    @Test
    void shardWithoutPods_failsAndTellsItsCaller() {
        withProperties("from=header:x-shard").run(context -> {
            assertThatThrownBy(() -> throughRestClient(context, "9"))
                    .isInstanceOf(IllegalStateException.class)
                    .hasCauseInstanceOf(NoEndpointException.class)
                    .hasMessageContaining("no endpoint for service \"orders\"")
                    .hasMessageContaining("the request asks for shard=9 (from header:x-shard), and no endpoint has it; "
                            + "values that exist: 7, 8");
            assertThatThrownBy(() -> throughWebClient(context, "9"))
                    .isInstanceOf(WebClientResponseException.ServiceUnavailable.class);
        });
    }

    @Test
    void anyLabelAndABean_canDecide() {
        withProperties("label=gpu", "from=bean:gpu", "use-value=h100")
                .withBean("gpu", RequestKey.class, () -> request -> "b200")
                .run(context -> {
                    for (int i = 0; i < 5; i++) {
                        throughRestClient(context, "7");
                    }
                    assertThat(eight.requests()).isEqualTo(5);
                });
    }

    @Test
    void any_sendsTheRestAnywhere() {
        withProperties("from=header:x-shard", "if-none-matches=any").run(context -> {
            for (int i = 0; i < 50; i++) {
                throughRestClient(context, "9");
            }
            assertThat(seven.requests()).isPositive();
            assertThat(eight.requests()).isPositive();
        });
    }

    private ApplicationContextRunner withProperties(String... properties) {
        String[] named = new String[properties.length];
        for (int i = 0; i < named.length; i++) {
            named[i] = "xds-lb.clients.orders.subset." + properties[i];
        }
        return TestContexts.fedBy(source)
                .withUserConfiguration(HttpClientsTest.Clients.class)
                .withPropertyValues(named);
    }

    private static Endpoint.Builder shardOf(TestPod pod, String shard) {
        Endpoint endpoint = pod.endpoint();
        return Endpoint.builder(endpoint.key().host(), endpoint.key().port()).shard(shard);
    }

    private static void throughRestClient(ApplicationContext context, String shard) {
        RestClient client =
                context.getBean("plainBuilder", RestClient.Builder.class).build();
        client.get().uri("http://orders/ok").header("X-Shard", shard).retrieve().body(String.class);
    }

    private static void throughWebClient(ApplicationContext context, String shard) {
        WebClient client =
                context.getBean("plainWebBuilder", WebClient.Builder.class).build();
        client.get()
                .uri("http://orders/ok")
                .header("X-Shard", shard)
                .retrieve()
                .bodyToMono(String.class)
                .block();
    }
}
