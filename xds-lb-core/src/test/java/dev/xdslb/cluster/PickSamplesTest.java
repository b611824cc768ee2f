/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.Randoms;
import dev.xdslb.cluster.ClusterStatus.State;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class PickSamplesTest {
    private static final int KEEP = 16;

    private final PickSamples samples = new PickSamples(1, KEEP, Randoms.seeded());

    @Test
    void fewerThanAreKept_areAllThere_newestFirst() {
        samples.add(explanation(1));
        samples.add(explanation(2));

        assertThat(samples.newestFirst()).containsExactly(explanation(2), explanation(1));
    }

    @Test
    void manyWritersAtOnce_keepAsManyAsSaid() {
        List<CompletableFuture<Void>> writers = new ArrayList<>();
        for (int writer = 0; writer < 4; writer++) {
            writers.add(CompletableFuture.runAsync(() -> {
                for (int i = 0; i < 10_000; i++) {
                    samples.add(explanation(i));
                    assertThat(samples.newestFirst()).hasSizeLessThanOrEqualTo(KEEP);
                }
            }));
        }
        writers.forEach(CompletableFuture::join);

        assertThat(samples.newestFirst()).hasSize(KEEP).doesNotContainNull();
    }

    private static PickExplanation explanation(int number) {
        return new PickExplanation(
                "orders.shop:8080",
                Instant.ofEpochSecond(number),
                new ClusterStatus(State.LIVE, ""),
                "random",
                null,
                null,
                false,
                "",
                null,
                null,
                false,
                0,
                List.of(),
                List.of());
    }
}
