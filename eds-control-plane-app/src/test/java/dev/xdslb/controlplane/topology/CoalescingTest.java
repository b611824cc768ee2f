/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static dev.xdslb.controlplane.topology.Objects.ORDERS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class CoalescingTest {
    private static final ServiceKey CARTS = new ServiceKey("shop", "carts");

    private final Coalescing coalescing = new Coalescing(Duration.ofMillis(50), Duration.ofMillis(250));

    @Test
    void serviceThatWasQuiet_doesNotWaitForOneThatIsNot() {
        change(ORDERS, 1_000);
        coalescing.done(ORDERS, nanos(1_000), true);
        change(ORDERS, 1_010);
        change(CARTS, 1_010);

        assertThat(coalescing.due(nanos(1_010))).containsExactly(CARTS);
        coalescing.done(CARTS, nanos(1_010), true);

        assertThat(coalescing.due(nanos(1_010))).isEmpty();
        assertThat(coalescing.nanosUntilDue(nanos(1_010))).isEqualTo(nanos(50));
        assertThat(coalescing.due(nanos(1_060))).containsExactly(ORDERS);
    }

    @Test
    void nothingPending_isNeverDue() {
        assertThat(coalescing.nanosUntilDue(0)).isEqualTo(Long.MAX_VALUE);
        change(ORDERS, 1_000);
        coalescing.done(ORDERS, nanos(1_000), false);

        assertThat(coalescing.nanosUntilDue(nanos(1_000))).isEqualTo(Long.MAX_VALUE);
        assertThat(coalescing.due(nanos(1_000))).isEmpty();
    }

    @Test
    void placesOfPods_areDueAfterAQuietTime_andNeverAtOnce() {
        Touched touched = new Touched();
        touched.pods().add(new PodKey("shop", "orders-1"));
        coalescing.changed(touched, nanos(1_000), true);

        assertThat(coalescing.nanosUntilDue(nanos(1_000))).isEqualTo(nanos(50));
        assertThat(coalescing.nanosUntilDue(nanos(1_050))).isZero();
        coalescing.placesDone(nanos(1_050));
        assertThat(coalescing.nanosUntilDue(nanos(2_000))).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void announcementOfLongAgo_isForgotten_butNotWhatIsPending() {
        change(ORDERS, 1_000);
        coalescing.done(ORDERS, nanos(1_000), true);
        change(CARTS, 1_000);

        coalescing.forget(nanos(100_000));

        assertThat(coalescing.all()).containsExactly(CARTS);
        change(ORDERS, 100_000);
        assertThat(coalescing.due(nanos(100_000))).containsExactlyInAnyOrder(CARTS, ORDERS);
    }

    private void change(ServiceKey service, long millis) {
        Touched touched = new Touched();
        touched.services().add(service);
        coalescing.changed(touched, nanos(millis), true);
    }

    private static long nanos(long millis) {
        return TimeUnit.MILLISECONDS.toNanos(millis);
    }
}
