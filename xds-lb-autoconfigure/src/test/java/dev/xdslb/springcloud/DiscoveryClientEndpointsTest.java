/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.springcloud;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.endpoint.Endpoint;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.discovery.DiscoveryClient;

/** What becomes of the instances that service discovery knows. */
class DiscoveryClientEndpointsTest {
    private final List<ServiceInstance> instances = new ArrayList<>();
    private String knownAs = "orders";

    @Test
    void instanceThatCannotBeCalled_doesNotSpoilTheOthers() {
        instances.addAll(Arrays.asList(
                instance("10.0.0.1", 8080, false),
                instance(null, 8080, false),
                instance("", 8080, false),
                instance("10.0.0.2", 70_000, false),
                null,
                new DefaultServiceInstance("id", "orders", "10.0.0.9", 8080, false) {
                    @Override
                    public String getHost() {
                        throw new IllegalStateException("broken");
                    }

                    @Override
                    public String toString() {
                        throw new IllegalStateException("broken, too");
                    }
                },
                instance("10.0.0.3", 0, false),
                instance("[fd00::1]", 8080, false),
                instance("10.0.0.1", 8080, false)));

        assertThat(endpoints(""))
                .extracting(Endpoint::address)
                .containsExactly("10.0.0.1:8080", "10.0.0.3:80", "[fd00::1]:8080");
    }

    @Test
    void whatIsKnownOfAnInstance_isKept() {
        DefaultServiceInstance secure = instance("10.0.0.1", 0, true);
        secure.getMetadata().putAll(Map.of("zone", "a", "weight", "3", "version", "7"));
        instances.add(secure);
        instances.add(instance("10.0.0.2", 8080, false));
        instances.get(1).getMetadata().putAll(Map.of("weight", "much"));

        List<Endpoint> endpoints = endpoints("");
        assertThat(endpoints.get(0).locality().zone()).isEqualTo("a");
        assertThat(endpoints.get(0).weight()).isEqualTo(3);
        assertThat(endpoints.get(1).weight()).isEqualTo(1);
        ServiceInstance again = new EndpointServiceInstance("orders", endpoints.get(0));
        assertThat(again.isSecure()).isTrue();
        assertThat(again.getPort()).isEqualTo(443);
        assertThat(again.getUri()).hasToString("https://10.0.0.1:443");
        assertThat(again.getMetadata()).containsEntry("version", "7").hasSize(3);
        assertThat(new EndpointServiceInstance("orders", endpoints.get(1)).isSecure())
                .isFalse();
    }

    @Test
    void port_isNeverIgnored() {
        instances.addAll(List.of(instance("10.0.0.1", 8080, false), instance("10.0.0.2", 8081, false)));
        assertThat(endpoints("8081")).extracting(Endpoint::address).containsExactly("10.0.0.2:8081");
        assertThat(endpoints("grpc")).isEmpty();
    }

    @Test
    void name_hasNoCase() {
        instances.add(instance("10.0.0.1", 8080, false));
        knownAs = "ORDERS";
        assertThat(endpoints("")).hasSize(1);
    }

    @Test
    void question_waitsForTheStart_andIsSeenToWait() {
        instances.add(instance("10.0.0.1", 8080, false));
        ApplicationStart start = new ApplicationStart();
        DiscoveryClientEndpoints fallback = new DiscoveryClientEndpoints(this::client, start, "orders", "");
        CompletableFuture<List<Endpoint>> answer =
                CompletableFuture.supplyAsync(() -> fallback.endpoints("orders.shop"));

        await().until(() -> start.heldBack("orders.shop").toCompletableFuture().isDone());
        assertThat(start.heldBack("stock.shop").toCompletableFuture()).isNotDone();
        assertThat(answer).isNotDone();
        start.destroy();
        assertThat(answer.join()).hasSize(1);
    }

    @Test
    void equalQuestions_areEqual() {
        ApplicationStart start = ApplicationStart.over();
        assertThat(new DiscoveryClientEndpoints(this::client, start, "orders", ""))
                .isEqualTo(new DiscoveryClientEndpoints(this::client, start, "orders", ""))
                .isNotEqualTo(new DiscoveryClientEndpoints(this::client, start, "orders", "8080"));
    }

    private List<Endpoint> endpoints(String port) {
        return new DiscoveryClientEndpoints(this::client, ApplicationStart.over(), "orders", port)
                .endpoints("orders.shop");
    }

    private static DefaultServiceInstance instance(String host, int port, boolean secure) {
        return new DefaultServiceInstance("id-" + host, "orders", host, port, secure);
    }

    private DiscoveryClient client() {
        return new DiscoveryClient() {
            @Override
            public String description() {
                return "test";
            }

            @Override
            public List<ServiceInstance> getInstances(String serviceId) {
                return serviceId.equals(knownAs) ? instances : List.of();
            }

            @Override
            public List<String> getServices() {
                return List.of("other", knownAs);
            }
        };
    }
}
