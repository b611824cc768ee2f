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
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.EndpointLoad;
import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Pool;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.Picker;
import java.io.IOException;
import java.net.ServerSocket;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;

/** Looks at what is counted for the one endpoint of a service, through the eyes of a strategy. */
abstract class AccountingTest {
    final FakeEndpointSource source = new FakeEndpointSource();
    final LoadWatcher load = new LoadWatcher();
    TestPod pod;

    @BeforeEach
    void startPod() throws IOException {
        pod = new TestPod();
        source.publish("orders.shop", pod.endpoint());
    }

    @AfterEach
    void stopPod() {
        pod.close();
    }

    ApplicationContextRunner application() {
        return TestContexts.fedBy(source)
                .withBean(LoadWatcher.class, () -> load)
                .withPropertyValues("xds-lb.strategy=watch");
    }

    /** Asserts that everything has ended, and how the one request did, by the run of failures that began with one. */
    void assertEnded(Outcome outcome) {
        await().untilAsserted(
                        () -> assertThat(load.load().inFlight()).as("in flight").isZero());
        assertThat(load.load().consecutiveFailures())
                .as("consecutive failures: 0 after a success, 1 after a cancellation, 2 after a failure")
                .isEqualTo(outcome.isFailure() ? 2 : outcome == Outcome.SUCCESS ? 0 : 1);
    }

    void awaitInFlight(int expected) {
        await().untilAsserted(() -> assertThat(load.load().inFlight()).isEqualTo(expected));
    }

    /** Returns an endpoint that refuses connections. */
    static Endpoint refusing() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return Endpoint.builder("127.0.0.1", socket.getLocalPort()).build();
        }
    }

    /** Picks the first endpoint and remembers its load, whose last request has failed before the first pick. */
    static final class LoadWatcher implements LoadBalancingStrategy {
        private final AtomicReference<EndpointLoad> watched = new AtomicReference<>();

        @Override
        public String name() {
            return "watch";
        }

        @Override
        public Picker picker(Pool pool) {
            return request -> {
                EndpointLoad load = pool.get(0).endpointLoad();
                if (watched.getAndSet(load) != load) {
                    Lease.start(load, Lease.Listener.NONE).end(Outcome.FAILURE);
                }
                return pool.get(0);
            };
        }

        EndpointLoad load() {
            return Objects.requireNonNull(watched.get(), "nothing was picked yet");
        }
    }
}
