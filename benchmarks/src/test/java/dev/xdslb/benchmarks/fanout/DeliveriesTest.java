/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class DeliveriesTest {
    private static final long MILLISECOND = 1_000_000;

    /** One service, whose changes are 1, 2, 3 and so on; those from 3 on belong to the round. */
    private final Deliveries deliveries =
            new Deliveries(new Changes(1, 1).previous(10), 3, 100 * MILLISECOND, 10 * MILLISECOND);

    @Test
    void changeCountsFromWhenItWasDue() {
        deliveries.add(4, 3, 115 * MILLISECOND);

        assertThat(deliveries.sortedMillis()).containsExactly(5.0);
    }

    @Test
    void laterState_bringsTheChangesBeforeIt() {
        deliveries.add(5, 3, 125 * MILLISECOND);

        assertThat(deliveries.sortedMillis()).containsExactly(5.0, 15.0);
    }

    @Test
    void changesBeforeTheRound_doNotCount() {
        deliveries.add(3, 0, 101 * MILLISECOND);

        assertThat(deliveries.sortedMillis()).containsExactly(1.0);
    }
}
