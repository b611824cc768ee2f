/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnnouncementCostTest {

    @Test
    void pauseGrowsWithTheBytesOfOneClient() {
        assertThat(new AnnouncementCost(8_800, 50).pause(false)).isLessThan(Duration.ofMillis(15));
        assertThat(new AnnouncementCost(761_000, 1).pause(false).toMillis()).isBetween(700L, 750L);
    }

    @Test
    void pauseGrowsWithTheClients() {
        assertThat(new AnnouncementCost(8_800, 5_000).pause(false).toMillis()).isBetween(1_300L, 1_350L);
    }

    @Test
    void pauseIsBounded_andHalfAsLongWhereAnEndpointIsLost() {
        AnnouncementCost cost = new AnnouncementCost(Integer.MAX_VALUE, 100_000);

        assertThat(cost.pause(false)).isEqualTo(AnnouncementCost.LONGEST_PAUSE);
        assertThat(cost.pause(true)).isEqualTo(AnnouncementCost.LONGEST_PAUSE.dividedBy(2));
        assertThat(AnnouncementCost.NONE.pause(false)).isZero();
    }

    @Test
    void negativeNumbers_areRefused() {
        assertThatThrownBy(() -> new AnnouncementCost(-1, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bytes: -1");
    }
}
