/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.FakeEndpointSource;
import dev.xdslb.autoconfigure.TestContexts;
import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Lease;
import dev.xdslb.strategy.RequestAttributes;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request whose end nobody tells is given up after the time that the application says, and counted. */
class MaxLeaseAgeTest {
    private final FakeEndpointSource source = new FakeEndpointSource();

    @Test
    void requestThatNobodyEnds_isGivenUp_andCounted_andAStreamIsNot() {
        source.publish("orders.shop", Endpoint.builder("10.0.0.1", 8080).build());
        TestContexts.fedBy(source)
                .withBean(MeterRegistry.class, SimpleMeterRegistry::new)
                .withPropertyValues(
                        "xds-lb.max-lease-age=1s",
                        "xds-lb.limits.max-in-flight=5",
                        "xds-lb.clients.orders.enabled=true")
                .run(context -> {
                    Cluster orders = context.getBean(ClusterRegistry.class).cluster("orders.shop");
                    await().until(() -> !orders.endpoints().isEmpty());
                    Lease lost = orders.lease(orders.picker().pick(RequestAttributes.NONE));
                    Lease stream = orders.streamLease(orders.picker().pick(RequestAttributes.NONE));

                    await().until(() -> context.getBean(MeterRegistry.class)
                                    .get("xdslb.leases.abandoned")
                                    .functionCounter()
                                    .count()
                            == 1);
                    assertThat(orders.picker().totals().inFlight()).isEqualTo(1);
                    assertThat(lost.hasEnded()).isFalse();
                    assertThat(stream.hasEnded()).isFalse();
                });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "xds-lb.max-lease-age=999ms",
                "xds-lb.max-lease-age=0",
                "xds-lb.max-lease-age=-1s",
                "xds-lb.max-lease-age=25h",
                "xds-lb.metrics.endpoints=-1"
            })
    void outOfRange_stopsTheStart_andNamesTheProperty(String property) {
        TestContexts.fedBy(source)
                .withPropertyValues(property)
                .run(context -> assertThat(context)
                        .getFailure()
                        .rootCause()
                        .hasMessageContaining(property.substring(0, property.indexOf('='))));
    }
}
