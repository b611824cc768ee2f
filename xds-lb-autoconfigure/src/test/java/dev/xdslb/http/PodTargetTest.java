/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.endpoint.Endpoint;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.cloud.client.DefaultServiceInstance;
import org.springframework.cloud.client.ServiceInstance;
import org.springframework.cloud.client.loadbalancer.LoadBalancerClient;

/** Which requests go to a pod by its service's name: all that may turn out to be https. */
class PodTargetTest {
    private static final URI WRITTEN = URI.create("http://orders/x");

    @Test
    void plainRequest_hasNoTargetWhereNobodyAsks() {
        chosen(pod -> {
            assertThat(PodTarget.of(pod, WRITTEN, new Connections(false))).isNull();
            assertThat(PodTarget.of(pod, WRITTEN, new Connections(true))).isNotNull();
            assertThat(PodTarget.of(pod, URI.create("https://orders/x"), new Connections(false)))
                    .isNotNull();
        });
    }

    @Test
    void instanceThatWasWrappedIntoASecureOne_hasATarget() {
        chosen(pod -> {
            ServiceInstance secure =
                    new DefaultServiceInstance("1", "orders", pod.getHost(), pod.getPort(), true, pod.getMetadata());
            assertThat(PodTarget.of(secure, WRITTEN, new Connections(false))).isNotNull();
        });
    }

    @Test
    void instanceOfAnotherBalancer_hasNone() {
        ServiceInstance other = new DefaultServiceInstance("1", "orders", "10.0.0.1", 8080, true, Map.of());
        assertThat(PodTarget.of(other, WRITTEN, new Connections(true))).isNull();
        assertThat(PodTarget.of(null, WRITTEN, new Connections(true))).isNull();
    }

    private static void chosen(java.util.function.Consumer<ServiceInstance> test) {
        FakeEndpointSource source = new FakeEndpointSource();
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source)
                .run(context ->
                        test.accept(context.getBean(LoadBalancerClient.class).choose("orders")));
    }

    private record Connections(boolean isNameVerified) implements ServiceConnections {
        @Override
        public ServiceConnection of(String serviceId) {
            return ServiceConnection.DEFAULT;
        }

        @Override
        public boolean isAnyHostPreserved() {
            return false;
        }
    }
}
