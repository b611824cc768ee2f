/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.Randoms;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RecentOutcomesTest {
    private final RandomGenerator random = Randoms.seeded();

    @Test
    void successRatio_isAboveZeroAndAtMostOne_whateverIsCounted() {
        for (int i = 0; i < 10_000; i++) {
            long completed = random.nextLong(1L << random.nextInt(1, 50));
            RecentOutcomes outcomes = new RecentOutcomes(completed, random.nextLong(completed + 1));
            RecentOutcomes some = new RecentOutcomes(completed, random.nextLong(completed + 1));

            assertThat(outcomes.successRatio()).isGreaterThan(0).isLessThanOrEqualTo(1);
            assertThat(outcomes.without(some).successRatio()).isGreaterThan(0).isLessThanOrEqualTo(1);
            assertThat(outcomes.plus(some).without(some)).isEqualTo(outcomes);
        }
    }

    @Test
    void moreFailedThanCompleted_cannotBe() {
        assertThatThrownBy(() -> new RecentOutcomes(3, 4)).hasMessage("failed: 4 (expected: 0 to completed, 3)");
        assertThatThrownBy(() -> new RecentAnswers(2, 1)).hasMessageContaining("refused: 2.0 (expected: 0 to answered");
        assertThatThrownBy(() -> new RecentAnswers(0, Double.NaN)).hasMessageContaining("answered");
    }

    /** All that ends fails, and then nothing ends: of two moments, the numbers would make a ratio of minus a thousand. */
    @Test
    @Timeout(60)
    void readerBesideTheTick_seesBothNumbersOfOneMoment() throws Exception {
        SuccessWindow window = new SuccessWindow();
        AtomicBoolean done = new AtomicBoolean();
        ExecutorService executor = Executors.newSingleThreadExecutor();
        try {
            Future<?> ticks = executor.submit(() -> {
                int total = Integer.MAX_VALUE - 100_000;
                for (int i = 0; i < 200_000; i++) {
                    total += i % 40 < 20 ? 1000 : 0;
                    window.advance(total, total);
                }
                done.set(true);
            });
            while (!done.get()) {
                RecentOutcomes outcomes = window.recent();
                assertThat(outcomes.failed()).isEqualTo(outcomes.completed());
            }
            ticks.get();
        } finally {
            executor.shutdownNow();
        }
    }

    @Test
    void totalsThatPassTheLargestInt_leaveTheDifferences() {
        for (int start : new int[] {Integer.MAX_VALUE - 3, -4, 0}) {
            SuccessWindow window = new SuccessWindow();
            Refusals refusals = new Refusals();
            for (int i = 0; i < 20; i++) {
                window.advance(start, start);
            }
            refusals.advance(start, start);
            double before = refusals.recent().answered();
            for (int i = 1; i <= 10; i++) {
                window.advance(start + 2 * i, start + i);
                refusals.advance(start + i, start + 2 * i);
            }

            assertThat(window.recent()).isEqualTo(new RecentOutcomes(20, 10));
            assertThat(refusals.recent().answered()).isBetween(0.0, before + 20);
            assertThat(refusals.recent().refused()).isGreaterThan(0);
        }
    }
}
