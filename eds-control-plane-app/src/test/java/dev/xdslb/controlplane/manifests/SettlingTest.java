/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.manifests;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class SettlingTest {
    private long now;
    private final Settling settling = new Settling(() -> now);

    @Test
    void quietFolder_isReadAfterThirtyMilliseconds() throws InterruptedException {
        settling.await(this::nothing);

        assertThat(now).isEqualTo(Settling.QUIET.toNanos());
    }

    @Test
    void severalEventsOfOneSave_areWaitedFor() throws InterruptedException {
        Deque<Integer> events = new ArrayDeque<>(List.of(10, 29, 1));
        settling.await(nanos -> events.isEmpty() ? nothing(nanos) : after(Duration.ofMillis(events.remove())));

        assertThat(now).isEqualTo(Duration.ofMillis(40).plus(Settling.QUIET).toNanos());
    }

    @Test
    void fileThatIsWrittenAllTheTime_keepsTheRestBackForThreeHundredMilliseconds() throws InterruptedException {
        settling.await(nanos -> {
            assertThat(now).isLessThan(Duration.ofSeconds(1).toNanos());
            return after(Duration.ofMillis(10));
        });

        assertThat(now).isEqualTo(Settling.LONGEST.toNanos());
    }

    private boolean nothing(long nanos) {
        now += nanos;
        return false;
    }

    private boolean after(Duration time) {
        now += time.toNanos();
        return true;
    }
}
