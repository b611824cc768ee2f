/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.FakeNanoClock;
import dev.xdslb.Randoms;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.endpoint.OutOfRangeException;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.RequestAttributes;
import dev.xdslb.strategy.RoundRobin;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Retries are as many as the requests of the last ten seconds allow, and a few besides. */
@Timeout(60)
class RetryBudgetTest {
    private static final String ORDERS = "orders.shop:8080";
    private static final Duration WINDOW = Duration.ofSeconds(10);
    private static final int BESIDES = 100; // ten a second, for the whole window

    private final RandomGenerator random = Randoms.seeded();
    private final FakeEndpointSource source = new FakeEndpointSource();
    private final FakeNanoClock clock = new FakeNanoClock();
    private RetryBudgetSettings settings = RetryBudgetSettings.DEFAULT;
    private final ClusterRegistry registry = ClusterRegistry.driven(
            source, resource -> ClusterSettings.of(new RoundRobin()).withRetryBudget(settings), clock, random);

    @AfterEach
    void close() {
        registry.close();
    }

    @Test
    void firstRetryOfAnIdleService_isAllowed() {
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 1);

        assertThat(cluster.retryBudget().tryRetry()).isTrue();
        assertThat(cluster.retryBudget().retries()).isEqualTo(1);
        assertThat(cluster.retryBudget().refused()).isZero();
    }

    @Test
    void outageFromTheFirstRequestOn_hasTheMinimumAtOnce_andAShareOfTheRequests() {
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 1_000);

        assertThat(retries(cluster, 2_000)).isEqualTo(200 + BESIDES);
        assertThat(cluster.retryBudget().refused()).isEqualTo(2_000 - 200 - BESIDES);
        assertThat(cluster.retryBudget().hasRoom()).isFalse();
    }

    @Test
    void attemptsOfRetries_countAsNoRequests() {
        settings = new RetryBudgetSettings(true, 0.5, 0, WINDOW);
        Cluster cluster = cluster(ORDERS);
        int sent = 0;
        for (int request = 0; request < 1_000; request++) {
            requests(cluster, 1);
            while (cluster.retryBudget().tryRetry()) { // each of them is an attempt
                requests(cluster, 1);
                sent++;
            }
        }

        assertThat(sent).isEqualTo(500);
    }

    @Test
    void budgetIsThereAgain_whenTheWindowHasPassed() {
        Cluster cluster = cluster(ORDERS);
        assertThat(retries(cluster, 1_000)).isEqualTo(BESIDES);

        pass(WINDOW.minusSeconds(1));
        assertThat(retries(cluster, 1_000)).isZero();
        pass(Duration.ofSeconds(2));
        assertThat(retries(cluster, 1_000)).isEqualTo(BESIDES);
    }

    @Test
    void steadyRequests_haveTheirShareAndTheMinimum_inTheLongRun() {
        Cluster cluster = cluster(ORDERS);
        int allowed = 0;
        for (int second = 0; second < 100; second++) {
            for (int tenth = 0; tenth < 10; tenth++) {
                requests(cluster, 50);
                allowed += retries(cluster, 50);
                pass(ClusterRegistry.TICK);
            }
        }

        // the window is 10 to 11 s long, and each has (0.2 * 500 + 10) * 10
        assertThat(allowed).isBetween(100 * 100, 110 * 110);
    }

    @Test
    void burstAfterAQuietHour_hasWhatItsRequestsAllow() {
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 10_000);
        pass(Duration.ofHours(1)); // it falls asleep meanwhile
        assertThat(cluster(ORDERS)).isSameAs(cluster);

        requests(cluster, 500);
        assertThat(retries(cluster, 1_000)).as("nothing is left of an hour ago").isEqualTo(100 + BESIDES);
    }

    @Test
    void clockThatGoesOnByHoursAtOnce_leavesNothingOfBefore() {
        Cluster cluster = cluster(ORDERS);
        for (int i = 0; i < 20; i++) {
            requests(cluster, 1_000);
            retries(cluster, 100);
            pass(Duration.ofSeconds(1));
        }
        clock.advance(Duration.ofHours(7)); // a process that was stopped: no tick came

        assertThat(retries(cluster, 1_000)).isEqualTo(BESIDES);
    }

    @Test
    void noMinimum_andNoRequests_isNoRetry() {
        settings = new RetryBudgetSettings(true, 0.2, 0, WINDOW);
        Cluster cluster = cluster(ORDERS);

        assertThat(cluster.retryBudget().tryRetry()).isFalse();
        requests(cluster, 4);
        assertThat(cluster.retryBudget().tryRetry()).isFalse();
        requests(cluster, 1);
        assertThat(cluster.retryBudget().tryRetry()).isTrue();
        assertThat(cluster.retryBudget().tryRetry()).isFalse();
    }

    @Test
    void zeroShare_leavesTheMinimum() {
        settings = new RetryBudgetSettings(true, 0, 1, WINDOW);
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 10_000);

        assertThat(retries(cluster, 100)).isEqualTo(10);
    }

    @Test
    void nothingAllowed_isNoRetryAtAll() {
        settings = new RetryBudgetSettings(true, 0, 0, WINDOW);
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 10_000);

        assertThat(retries(cluster, 100)).isZero();
    }

    @Test
    void switchedOff_countsAndRefusesNothing_untilItIsSwitchedOn() {
        settings = RetryBudgetSettings.UNLIMITED;
        Cluster cluster = cluster(ORDERS);
        assertThat(retries(cluster, 1_000)).isEqualTo(1_000);
        assertThat(cluster.retryBudget().retries()).isEqualTo(1_000);

        settings = RetryBudgetSettings.DEFAULT;
        registry.settingsChanged();

        assertThat(cluster.retryBudget().tryRetry())
                .as("those from before count")
                .isFalse();
    }

    @Test
    void otherEndpointsAndOtherSettings_keepWhatWasCounted() {
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 1_000);
        assertThat(retries(cluster, 250)).isEqualTo(250);

        source.publish(ORDERS, Endpoint.builder("10.0.0.9", 8080).build());
        assertThat(retries(cluster, 1_000)).isEqualTo(50);
        settings = new RetryBudgetSettings(true, 0.3, 10, WINDOW);
        registry.settingsChanged();

        assertThat(retries(cluster, 1_000)).isEqualTo(100);
    }

    @Test
    void retryThatIsAllowed_andCancelledBeforeItIsSent_countsAsOne() {
        settings = new RetryBudgetSettings(true, 0.2, 0, WINDOW);
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 10);
        assertThat(asked(cluster, 10))
                .as("and takes one off the requests: 0.2 * 9")
                .isEqualTo(1);

        pass(Duration.ofSeconds(12));
        requests(cluster, 10);
        assertThat(retries(cluster, 10)).as("it is forgotten with its window").isEqualTo(2);
    }

    @Test
    void tenThousandServices_haveTheirOwnEach() {
        List<Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < 10_000; i++) {
            clusters.add(registry.cluster("service-" + i + ".shop:8080"));
        }
        assertThat(asked(clusters.get(0), 1_000)).isEqualTo(BESIDES);

        assertThat(clusters.subList(1, clusters.size()))
                .allMatch(cluster -> cluster.retryBudget().tryRetry());
        assertThat(clusters.get(0).retryBudget().tryRetry()).isFalse();
    }

    @Test
    void manyThreadsAtOnce_getNoMoreTogetherThanOne() throws Exception {
        Cluster cluster = cluster(ORDERS);
        requests(cluster, 10_000);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<Integer>> counts = new ArrayList<>();
            for (int thread = 0; thread < 8; thread++) {
                counts.add(threads.submit(() -> asked(cluster, 2_000)));
            }
            int allowed = 0;
            for (Future<Integer> count : counts) {
                allowed += count.get();
            }

            assertThat(allowed).isEqualTo(1_750); // of r <= 0.2 * (10,000 - r) + 100, as none is sent
            assertThat(cluster.retryBudget().retries()).isEqualTo(allowed);
            assertThat(cluster.retryBudget().refused()).isEqualTo(8 * 2_000 - allowed);
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void valuesThatCannotWork_areRefusedWithWhatWasExpected() {
        assertThatThrownBy(() -> new RetryBudgetSettings(true, 1.5, 10, WINDOW))
                .isInstanceOf(OutOfRangeException.class)
                .hasMessage("share: 1.5 (expected: 0 to 1, such as 0.2 for one retry to five requests)");
        assertThatThrownBy(() -> new RetryBudgetSettings(true, Double.NaN, 10, WINDOW))
                .isInstanceOf(OutOfRangeException.class);
        assertThatThrownBy(() -> new RetryBudgetSettings(true, -0.1, 10, WINDOW))
                .isInstanceOf(OutOfRangeException.class);
        assertThatThrownBy(() -> new RetryBudgetSettings(true, 0.2, -1, WINDOW))
                .isInstanceOf(OutOfRangeException.class);
        assertThatThrownBy(() -> new RetryBudgetSettings(true, 0.2, 10, Duration.ZERO))
                .isInstanceOf(OutOfRangeException.class)
                .hasMessage("window: PT0S (expected: a second to ten minutes)");
    }

    private Cluster cluster(String resource) {
        Cluster cluster = registry.cluster(resource);
        source.publish(resource, Endpoint.builder("10.0.0.1", 8080).build());
        return cluster;
    }

    private static void requests(Cluster cluster, int number) {
        for (int i = 0; i < number; i++) {
            Candidate candidate = cluster.picker().pick(RequestAttributes.NONE);
            cluster.lease(candidate).end(Outcome.SUCCESS);
        }
    }

    /** Asks so many times, and sends the retries that are allowed; returns how many these were. */
    private static int retries(Cluster cluster, int asked) {
        int allowed = 0;
        for (int i = 0; i < asked; i++) {
            if (cluster.retryBudget().tryRetry()) {
                requests(cluster, 1);
                allowed++;
            }
        }
        return allowed;
    }

    /** Asks so many times, and sends nothing. */
    private static int asked(Cluster cluster, int times) {
        int allowed = 0;
        for (int i = 0; i < times; i++) {
            allowed += cluster.retryBudget().tryRetry() ? 1 : 0;
        }
        return allowed;
    }

    private void pass(Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plus(ClusterRegistry.TICK)) {
            clock.advance(ClusterRegistry.TICK);
            registry.tick();
        }
    }
}
