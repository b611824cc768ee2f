/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.sample.backend;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class WorkersTest {
    private static final long NEAR_OVERFLOW = 100;

    private final long start = Long.valueOf(Long.MAX_VALUE) - NEAR_OVERFLOW; // such a clock overflows soon

    private final Workers workers = new Workers(2, 50, start);

    @Test
    void idleWorker_startsAtOnce() {
        assertThat(workers.accept(start + 5, 10)).isEqualTo(10);
        assertThat(workers.accept(start + 5, 20)).isEqualTo(20);
    }

    @Test
    void busyWorkers_makeTheNextRequestWaitForTheOneThatIsFreeFirst() {
        workers.accept(start, 40);
        workers.accept(start, 30);

        assertThat(workers.accept(start + 10, 5)).isEqualTo(20 + 5);
    }

    @Test
    void waitThatIsTooLong_isRefused() {
        workers.accept(start, 100);
        workers.accept(start, 100);

        assertThat(workers.accept(start + 49, 1)).isEqualTo(-1);
        assertThat(workers.accept(start + 50, 1)).isEqualTo(51);
        assertThat(workers.accept(start + 200, 1)).isEqualTo(1);
    }
}
