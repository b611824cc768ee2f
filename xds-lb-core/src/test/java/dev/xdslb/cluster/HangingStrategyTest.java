/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.Picker;
import dev.xdslb.strategy.RequestAttributes;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A strategy of somebody's that does not return while it makes a picker: only its own clusters wait for it, and not for long. */
class HangingStrategyTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A = Endpoint.builder("10.0.0.1", 8080).build();
    private static final Endpoint B = Endpoint.builder("10.0.0.2", 8080).build();
    private static final Endpoint C = Endpoint.builder("10.0.0.3", 8080).build();

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final CountDownLatch released = new CountDownLatch(1);
    private final AtomicInteger hangingCalls = new AtomicInteger();
    private volatile boolean hang;
    private final ClusterRegistry registry = new ClusterRegistry(
            source, name -> ClusterSettings.of(name.equals(ORDERS) ? new P2cLeastRequest() : new Hanging()));

    @AfterEach
    void close() {
        released.countDown();
        registry.close();
    }

    @Test
    void strategyThatHangs_stopsNeitherTheTick_norTheSource_norWhoEndsARequest() {
        Cluster hanging = registry.cluster("hanging");
        source.publish("hanging", A, B);
        Cluster orders = registry.cluster(ORDERS);
        hang = true;

        source.publish("hanging", A, B, C); // on this thread, as on the source's
        source.publish(ORDERS, A, B);
        failFiveTimes(hanging);
        failFiveTimes(orders);

        assertThat(orders.picker().plan().ejected()).isEqualTo(1);
        await("the tick ends the ejection").until(() -> orders.picker().plan().isProbing());
        assertThat(hanging.picker().pick(RequestAttributes.NONE).endpoint())
                .as("the last picker stays")
                .isIn(A, B);
        assertThat(registry.faults()).singleElement().satisfies(fault -> {
            assertThat(fault.what()).isEqualTo("hanging: its strategy");
            assertThat(fault.error()).contains("has not returned from");
        });
        assertThat(hangingCalls).as("one thread for all that is published").hasValue(1);
    }

    @Test
    void strategyThatReturnsLate_isAskedAgain_withoutANewPublication() {
        Cluster hanging = registry.cluster("hanging");
        source.publish("hanging", A, B);
        hang = true;
        source.publish("hanging", A, B, C);
        assertThat(hanging.picker().plan().known()).isEqualTo(2);

        hang = false;
        released.countDown();

        await().until(() -> hanging.picker().plan().known() == 3);
    }

    @Test
    void callerThatIsInterrupted_isNotTheStrategysFault() {
        Cluster foreign = registry.cluster("foreign");

        Thread.currentThread().interrupt();
        source.publish("foreign", A);

        assertThat(Thread.interrupted()).isTrue();
        assertThat(foreign.picker().pick(RequestAttributes.NONE).endpoint()).isEqualTo(A);
        assertThat(registry.faults()).isEmpty();
    }

    private static void failFiveTimes(Cluster cluster) {
        for (int i = 0; i < 5; i++) {
            cluster.lease(requireNonNull(cluster.picker().pick(RequestAttributes.NONE, A::equals)))
                    .end(Outcome.FAILURE);
        }
    }

    private final class Hanging implements LoadBalancingStrategy {
        private final LoadBalancingStrategy good = new P2cLeastRequest();

        @Override
        public String name() {
            return "hanging";
        }

        @Override
        public Picker picker(Pool pool) {
            if (hang) {
                hangingCalls.incrementAndGet();
                awaitQuietly();
            }
            return good.picker(pool);
        }

        private void awaitQuietly() {
            try {
                released.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
