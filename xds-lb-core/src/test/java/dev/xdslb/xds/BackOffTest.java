/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.xds;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class BackOffTest {
    private static final Duration INITIAL = Duration.ofMillis(200);
    private static final Duration MAX = Duration.ofSeconds(30);

    @Test
    void doublesUpToTheMaximum() {
        BackOff longest = new BackOff(INITIAL, MAX, constant(-1));

        long[] millis = new long[10];
        for (int i = 0; i < millis.length; i++) {
            millis[i] = Math.round(longest.nextDelayNanos() / 1e6);
        }

        assertThat(millis).containsExactly(200, 400, 800, 1600, 3200, 6400, 12800, 25600, 30000, 30000);
    }

    @Test
    void waitsAtLeastHalf() {
        BackOff shortest = new BackOff(INITIAL, MAX, constant(0));

        assertThat(shortest.nextDelayNanos()).isEqualTo(Duration.ofMillis(100).toNanos());
        assertThat(shortest.nextDelayNanos()).isEqualTo(Duration.ofMillis(200).toNanos());
    }

    @Test
    void beginsAgainAfterAReset() {
        BackOff backOff = new BackOff(INITIAL, MAX, constant(0));
        for (int i = 0; i < 20; i++) {
            backOff.nextDelayNanos();
        }

        backOff.reset();

        assertThat(backOff.nextDelayNanos()).isEqualTo(Duration.ofMillis(100).toNanos());
    }

    @Test
    void clientsThatLostTheSamePeerAreSpread() {
        Random random = new Random(42);

        long distinct = random.longs(1000)
                .map(seed -> new BackOff(INITIAL, MAX, new Random(seed)).nextDelayNanos() / 1_000_000)
                .distinct()
                .count();

        assertThat(distinct).isGreaterThan(90); // of the 100 ms that the first wait is drawn from
    }

    /** The lowest draw for 0, the highest for -1. */
    private static RandomGenerator constant(long bits) {
        return () -> bits;
    }
}
