/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeasurementsTest {
    private static final ClientKind CLIENT = ClientKind.XDS_LB_HTTP;

    private final AtomicLong clock = new AtomicLong(Duration.ofHours(1).toNanos());
    private final Tables tables = new Tables();
    private final Measurements measurements = new Measurements(clock::get, tables, EnumSet.allOf(ClientKind.class));

    @Test
    void countsWhatWasSentWhatFailedAndHowLongItTook() {
        Window window = measurements.openWindow();
        request("orders-a1", 20, true);
        request("orders-a1", 20, true);
        request("orders-a2", 60, true);
        request("orders-a2", 1, false);

        ClientFigures figures = measurements.figures(window, CLIENT);

        assertThat(figures.requests()).isEqualTo(4);
        assertThat(figures.failed()).isEqualTo(1);
        assertThat(figures.answered()).isEqualTo(3);
        assertThat(figures.p50()).isCloseTo(20, within(0.6));
        assertThat(figures.p99()).isCloseTo(60, within(1.8));
        assertThat(figures.perPod()).containsEntry("orders-a1", 2).containsEntry("orders-a2", 2);
        assertThat(figures.maxOverMean(List.of("orders-a1", "orders-a2", "orders-b1")))
                .isCloseTo(1.5, within(1e-9));
    }

    @Test
    void requestCountsForTheScenarioInWhichItBegan() {
        Window first = measurements.openWindow();
        MeasuredRequest request = measurements.begin(CLIENT);
        Window second = measurements.openWindow();
        request.sentTo("orders-a1");
        request.succeeded();
        request.failed(); // only the first end counts

        assertThat(measurements.figures(first, CLIENT).answered()).isEqualTo(1);
        assertThat(measurements.figures(first, CLIENT).failed()).isZero();
        assertThat(measurements.figures(second, CLIENT).requests()).isZero();
        assertThat(measurements.figures(second, CLIENT).p50()).isNaN();
    }

    @Test
    void requestToARemovedPod_saysHowLateItWas() {
        Window window = measurements.openWindow();
        tables.publish(CLIENT, Set.of("orders-a1", "orders-a2"), clock.get());
        tables.publish(CLIENT, Set.of("orders-a2"), clock.get());
        clock.addAndGet(Duration.ofMillis(30).toNanos());
        request("orders-a2", 5, true);
        assertThat(measurements.figures(window, CLIENT).lastAfterRemovalMillis())
                .isZero();

        request("orders-a1", 5, false);

        assertThat(measurements.figures(window, CLIENT).lastAfterRemovalMillis())
                .isCloseTo(35, within(1e-6));
    }

    @Test
    void podThatIsBackInTheTable_isNotRemoved() {
        tables.publish(CLIENT, Set.of("orders-a1"), clock.get());
        tables.publish(CLIENT, Set.of(), clock.get());
        tables.publish(CLIENT, Set.of("orders-a1"), clock.get());

        assertThat(tables.nanosSinceRemoval(CLIENT, "orders-a1", clock.get())).isNegative();
    }

    @Test
    void liveFigures_coverTheLastSecondsAndForgetWhatWasBefore() {
        for (int i = 0; i < 50; i++) {
            request("orders-a1", 100, true);
        }
        clock.addAndGet(Duration.ofMillis(500).toNanos());

        LiveFigures live = measurements.live(CLIENT);
        assertThat(live.rate()).isCloseTo(10, within(1.0));
        assertThat(live.pod("orders-a1").p50()).isCloseTo(100, within(3.0));
        assertThat(live.maxOverMean(List.of("orders-a1", "orders-a2"))).isCloseTo(2, within(1e-9));

        clock.addAndGet(Duration.ofSeconds(CLIENT.liveSeconds() + 1).toNanos());

        assertThat(measurements.live(CLIENT).rate()).isZero();
        assertThat(measurements.live(CLIENT).pods()).isEmpty();
        assertThat(measurements.live(CLIENT).pod("orders-a1").p50()).isNaN();
    }

    @Test
    void clientOfFewRequests_isLookedAtForLonger() {
        for (int i = 0; i < 100; i++) { // 20 seconds of it, to ten pods in turn
            request(ClientKind.ONE_BY_ONE, "orders-" + i % 10, 200, true);
        }
        clock.addAndGet(Duration.ofMillis(500).toNanos());

        LiveFigures live = measurements.live(ClientKind.ONE_BY_ONE);
        assertThat(live.rate()).isCloseTo(5, within(0.2));
        assertThat(live.maxOverMean(live.pods().keySet())).isLessThan(1.1);
        assertThat(live.pods()).hasSize(10);
    }

    private void request(String pod, int millis, boolean succeeds) {
        request(CLIENT, pod, millis, succeeds);
    }

    private void request(ClientKind client, String pod, int millis, boolean succeeds) {
        MeasuredRequest request = measurements.begin(client);
        request.sentTo(pod);
        clock.addAndGet(Duration.ofMillis(millis).toNanos());
        if (succeeds) {
            request.succeeded();
        } else {
            request.failed();
        }
    }
}
