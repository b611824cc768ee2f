/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ProbeBudgetTest {
    private static final int SAVED = ProbeBudget.MOST_SAVED;

    @Test
    void startsWithWhatMayBeSaved_andIsThenEmpty() {
        ProbeBudget budget = new ProbeBudget(0.02);

        assertThat(takeAll(budget)).isEqualTo(SAVED);
        assertThat(budget.hasRoom()).isFalse();
        assertThat(budget.take()).isFalse();
    }

    @Test
    void everyFiftiethRequest_paysForAProbe_howeverTheyCome() {
        ProbeBudget budget = new ProbeBudget(0.02);
        takeAll(budget);

        for (int i = 0; i < 49; i++) {
            budget.refill(1);
            assertThat(budget.hasRoom()).isFalse();
        }
        budget.refill(1);
        assertThat(takeAll(budget)).isEqualTo(1);

        int probes = 0;
        for (int i = 0; i < 1_000; i++) {
            budget.refill(i % 7);
            probes += takeAll(budget);
        }
        assertThat(probes).isBetween(2_990 / 50 - 1, 3_010 / 50);
    }

    @Test
    void quietTimes_saveLittle_andOneBusyTickIsKeptWhole() {
        ProbeBudget budget = new ProbeBudget(0.02);
        for (int i = 0; i < 1_000; i++) {
            budget.refill(100);
        }
        assertThat(takeAll(budget)).isEqualTo(SAVED);

        budget.refill(50_000);
        budget.refill(0);
        budget.refill(50);
        assertThat(takeAll(budget)).isEqualTo(1_000);
    }

    @Test
    void shareOfAll_paysForEveryRequest_andOverflowsNothing() {
        ProbeBudget budget = new ProbeBudget(1);
        budget.refill(Long.MAX_VALUE);
        budget.refill(Long.MAX_VALUE);

        assertThat(budget.take()).isTrue();
        assertThat(budget.hasRoom()).isTrue();
    }

    private static int takeAll(ProbeBudget budget) {
        int taken = 0;
        while (budget.take()) {
            taken++;
        }
        return taken;
    }
}
