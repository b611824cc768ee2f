/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.Randoms;
import java.util.Arrays;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class ZoneQuotasTest {
    private final RandomGenerator random = Randoms.seeded();

    @Test
    void places_areInProportion() {
        assertThat(ZoneQuotas.of(new int[] {300, 200, 100}, 60, null)).containsExactly(30, 20, 10);
        assertThat(ZoneQuotas.of(new int[] {334, 333, 333}, 20, null)).containsExactly(7, 7, 6);
    }

    @Test
    void smallZone_hasOnePlace() {
        assertThat(ZoneQuotas.of(new int[] {5, 995}, 20, null)).containsExactly(1, 19);
        assertThat(ZoneQuotas.of(new int[] {1, 1, 1, 1}, 2, null)).containsExactly(1, 1, 1, 1);
    }

    @Test
    void zonesThatAreSmallerThanTheSubset_areWhole() {
        assertThat(ZoneQuotas.of(new int[] {3, 2}, 20, null)).containsExactly(3, 2);
        assertThat(ZoneQuotas.of(new int[] {}, 20, null)).isEmpty();
    }

    @Test
    void ownZone_hasAsManyAsTheWholeSubset_andTheOthersTogether() {
        assertThat(ZoneQuotas.of(new int[] {300, 200, 100}, 60, 0)).containsExactly(60, 40, 20);
        assertThat(ZoneQuotas.of(new int[] {10, 200, 100}, 60, 0)).containsExactly(10, 40, 20);
        assertThat(ZoneQuotas.of(new int[] {300}, 60, 0)).containsExactly(60);
    }

    @Test
    void oneEndpointMoreOrFewer_movesAtMostOnePlace() {
        for (int round = 0; round < 2_000; round++) {
            int zones = 1 + random.nextInt(6);
            int[] before = random.ints(zones, 1, 400).toArray();
            int size = 20 + random.nextInt(Math.max(1, Arrays.stream(before).sum() / 2));
            Integer own = random.nextBoolean() ? null : Integer.valueOf(random.nextInt(zones));
            int[] after = before.clone();
            int grown = random.nextInt(zones);
            after[grown]++;

            int[] places = ZoneQuotas.of(before, size, own);
            int[] newPlaces = ZoneQuotas.of(after, size, own);

            int lost = 0;
            int won = 0;
            for (int zone = 0; zone < zones; zone++) {
                lost += Math.max(0, places[zone] - newPlaces[zone]);
                won += Math.max(0, newPlaces[zone] - places[zone]);
            }
            assertThat(won)
                    .as("%s places of %s, zone %s grows", size, Arrays.toString(before), grown)
                    .isLessThanOrEqualTo(1);
            assertThat(lost).isLessThanOrEqualTo(won);
            assertThat(newPlaces[grown]).isGreaterThanOrEqualTo(places[grown]);
        }
    }
}
