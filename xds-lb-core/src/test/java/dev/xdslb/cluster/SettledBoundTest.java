/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.xdslb.cluster.ClusterStatus.State;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever source and fallback do, nobody waits for longer than the time that was set; what they say later counts. */
class SettledBoundTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Endpoint A = Endpoint.builder("10.0.0.1", 8080).build();
    private static final Duration TIMEOUT = Duration.ofMillis(300);

    private final FakeEndpointSource source = new FakeEndpointSource();
    private final CountDownLatch released = new CountDownLatch(1);
    private ClusterRegistry registry;

    @AfterEach
    void close() {
        released.countDown();
        if (registry != null) {
            registry.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void fallbackThatIsOfNoUse_keepsNobodyWaiting_whileTheSourceIsSilent(Fallback fallback) {
        Cluster cluster = cluster(fallback.asked(released));

        await().until(cluster::isSettled);

        assertThat(cluster.status().state()).isEqualTo(State.UNAVAILABLE);
        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .isInstanceOf(NoEndpointException.class)
                .hasMessageContaining("control plane fake:18000 has not answered within 300ms");
    }

    @ParameterizedTest
    @EnumSource
    void fallbackThatIsOfNoUse_keepsNobodyWaiting_whenTheSourceIsUnreachable(Fallback fallback) {
        Cluster cluster = cluster(fallback.asked(released));
        source.watcher(ORDERS).onUnavailable("connection refused");

        await().until(cluster::isSettled);

        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .isInstanceOf(NoEndpointException.class)
                .hasMessageContaining("connection refused");
    }

    @Test
    void fallbackThatBlocks_isNamed() {
        Cluster cluster = cluster(Fallback.BLOCKS.asked(released));
        source.watcher(ORDERS).onAbsent("no such Service");

        await().until(cluster::isSettled);

        assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                .hasMessageContaining("no such Service, and the fallback (service discovery) has not answered within"
                        + " 300ms either");
        assertThat(cluster.status().state()).isEqualTo(State.ABSENT);
    }

    @Test
    void answerOfTheFallbackAfterTheTime_isUsed() {
        Cluster cluster = cluster(resource -> {
            awaitQuietly(released);
            return List.of(A);
        });
        await().until(cluster::isSettled);
        assertThat(cluster.endpoints()).isEmpty();

        released.countDown();

        await().until(() -> cluster.status().state() == State.FALLBACK);
        assertThat(cluster.picker().pick(RequestAttributes.NONE).endpoint()).isEqualTo(A);
    }

    @Test
    void fallback_isAskedBeforeTheTimeIsOver_soThatItsAnswerIsThereInTime() {
        Cluster cluster = cluster(resource -> List.of(A));

        await().until(cluster::isSettled);

        assertThat(cluster.status().state()).as("at the moment when it settles").isEqualTo(State.FALLBACK);
    }

    @Test
    void fallbacksOfOtherServicesThatBlock_doNotHoldUpThisOne() {
        registry = new ClusterRegistry(
                source,
                name -> settings(
                        name.equals(ORDERS) ? resource -> List.of(A) : Fallback.BLOCKS.asked(released), TIMEOUT));
        for (int i = 0; i < 100; i++) {
            registry.cluster("blocked-" + i);
            source.watcher("blocked-" + i).onUnavailable("connection refused");
        }

        Cluster cluster = registry.cluster(ORDERS);
        source.watcher(ORDERS).onUnavailable("connection refused");

        await().until(() -> cluster.status().state() == State.FALLBACK);
    }

    @Test
    void tickThatHangsInAListener_doesNotHoldUpTheBound() {
        CountDownLatch hanging = new CountDownLatch(1);
        registry = new ClusterRegistry(source, name -> settings(FallbackEndpoints.NONE, TIMEOUT));
        Cluster other = registry.cluster("hanging");
        source.publish("hanging", A, Endpoint.builder("10.0.0.2", 8080).build());
        other.onPublish(() -> {
            if (Thread.currentThread().getName().startsWith("xds-lb-tick")) {
                hanging.countDown();
                awaitQuietly(released);
            }
        });
        for (int i = 0; i < 5; i++) { // ejected here, and brought back by the tick
            other.lease(other.picker().restrictedTo(A::equals).pick(RequestAttributes.NONE))
                    .end(Outcome.FAILURE);
        }
        await().until(() -> hanging.getCount() == 0);

        Cluster cluster = registry.cluster(ORDERS);

        await().until(cluster::isSettled);
        assertThat(registry.sinceTick()).isPositive();
    }

    @Test
    void whoWaitsAndThenBlocks_holdsUpNobodyElse() {
        registry = new ClusterRegistry(source, name -> settings(FallbackEndpoints.NONE, Duration.ofMinutes(5)));
        Cluster cluster = registry.cluster(ORDERS);
        AtomicInteger told = new AtomicInteger();
        var first = cluster.settled().thenRun(() -> {
            told.incrementAndGet();
            awaitQuietly(released);
        });

        source.publish(ORDERS, A); // on this thread, as on the source's

        await().until(() -> told.get() == 1);
        assertThat(first).isNotNull();
        assertThat(cluster.isSettled()).isTrue();
    }

    /** As beside Eureka: the thread that starts the application holds a lock while it waits, and the fallback wants it. */
    @Test
    void lockThatTheWaitingThreadHolds_andTheFallbackWants_endsInAnError() {
        Object singletons = new Object();
        Cluster cluster = cluster(resource -> {
            synchronized (singletons) {
                return List.of(A);
            }
        });

        synchronized (singletons) {
            source.watcher(ORDERS).onUnavailable("connection refused");
            cluster.settled().toCompletableFuture().join();
            assertThatThrownBy(() -> cluster.picker().pick(RequestAttributes.NONE))
                    .hasMessageContaining("the fallback (service discovery) has not answered");
        }

        await().until(() -> cluster.status().state() == State.FALLBACK);
    }

    private Cluster cluster(FallbackEndpoints fallback) {
        registry = new ClusterRegistry(source, name -> settings(fallback, TIMEOUT));
        return registry.cluster(ORDERS);
    }

    private static ClusterSettings settings(FallbackEndpoints fallback, Duration timeout) {
        return new ClusterSettings(new P2cLeastRequest(() -> 0), PolicySettings.DEFAULT, timeout, fallback);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            boolean unused = latch.await(5, TimeUnit.MINUTES);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** What a fallback may do instead of helping. */
    enum Fallback {
        BLOCKS {
            @Override
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> {
                    awaitQuietly(released);
                    return List.of();
                };
            }
        },
        THROWS {
            @Override
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> {
                    throw new IllegalStateException("registry is down");
                };
            }
        },
        THROWS_AN_ERROR {
            @Override
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> {
                    throw new NoClassDefFoundError("com/netflix/Discovery");
                };
            }
        },
        KNOWS_NOTHING {
            @Override
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> List.of();
            }
        },
        RETURNS_NULL {
            @Override
            @SuppressWarnings("NullAway") // somebody else's code
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> null;
            }
        },
        LISTS_NULL {
            @Override
            @SuppressWarnings("NullAway") // somebody else's code
            FallbackEndpoints asked(CountDownLatch released) {
                return resource -> Collections.singletonList(null);
            }
        };

        abstract FallbackEndpoints asked(CountDownLatch released);
    }
}
