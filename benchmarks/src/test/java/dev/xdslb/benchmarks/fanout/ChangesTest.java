/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.benchmarks.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChangesTest {
    private static final Changes CHANGES = new Changes(10, 3);

    @Test
    void slot_findsWhatIsSubscribed() {
        for (int stream = 0; stream < 20; stream++) {
            for (int n = 0; n < 3; n++) {
                assertThat(CHANGES.slot(stream, CHANGES.subscribed(stream, n))).isEqualTo(n);
            }
        }
        assertThat(CHANGES.slot(0, 3)).isEqualTo(-1);
        assertThat(CHANGES.slot(3, 9)).isZero();
        assertThat(CHANGES.slot(3, 1)).isEqualTo(2);
    }

    @Test
    void previous_leadsBackToTheStateAtTheStart() {
        int[] previous = CHANGES.previous(200);

        for (int change = 0; change < 200; change++) {
            int service = CHANGES.serviceOf(change);
            int first = change;
            while (previous[first] >= 0) {
                assertThat(previous[first]).isLessThan(first);
                assertThat(CHANGES.serviceOf(previous[first])).isEqualTo(service);
                first = previous[first];
            }
            assertThat(first).isEqualTo(service);
        }
    }

    @Test
    void drawnChanges_reachAllServices() {
        assertThat(IntStream.range(CHANGES.firstDrawn(), 200)
                        .map(CHANGES::serviceOf)
                        .distinct())
                .hasSize(10);
    }

    @Test
    void whileDown_oneServiceOfEachStreamChanges() {
        for (int stream = 0; stream < 10; stream++) {
            int subscriber = stream;
            assertThat(CHANGES.whileDown(true).keySet()).anyMatch(service -> CHANGES.slot(subscriber, service) >= 0);
        }
        assertThat(CHANGES.whileDown(false)).isEmpty();
        CHANGES.whileDown(true)
                .forEach((service, change) ->
                        assertThat(CHANGES.serviceOf(change)).isEqualTo(service));
    }
}
