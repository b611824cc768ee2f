/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.Randoms;
import dev.xdslb.policy.Members;
import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HashRingTest {
    private final RandomGenerator random = Randoms.seeded();

    @Test
    void everyHash_belongsToTheNextPointClockwise() {
        for (int n : new int[] {1, 2, 3, 50}) {
            Pool pool = Members.pool(Members.healthy(n));
            long[] identities = EndpointIdentity.hashes(pool);
            HashRing ring = HashRing.of(weights(pool), identities, 1024, null);
            for (int i = 0; i < 2000; i++) {
                long hash = i == 0 ? 0 : i == 1 ? -1 : random.nextLong();
                assertThat(ring.lookup(hash)).isEqualTo(ownerByScan(identities, ring.size() / n, hash));
            }
        }
    }

    @Test
    void pointsAreHalved_whereTheRingWouldBeTooLarge() {
        assertThat(ring(10, 1 << 20).size()).isEqualTo(10 * HashRing.POINTS_PER_WEIGHT);
        assertThat(ring(10, 1024).size()).isEqualTo(10 * 64);
        assertThat(ring(2000, 1024).size()).as("one each at least").isEqualTo(2000);
    }

    private static double[] weights(Pool pool) {
        return IntStream.range(0, pool.size())
                .mapToDouble(i -> pool.get(i).weight())
                .toArray();
    }

    private static HashRing ring(int n, int maxPoints) {
        Pool pool = Members.pool(Members.healthy(n));
        return HashRing.of(weights(pool), EndpointIdentity.hashes(pool), maxPoints, null);
    }

    private static int ownerByScan(long[] identities, int pointsEach, long hash) {
        long place = hash >>> 32;
        int owner = -1;
        long nearest = Long.MAX_VALUE;
        for (int i = 0; i < identities.length; i++) {
            for (int k = 1; k <= pointsEach; k++) {
                long point = Hash64.mix(identities[i] + k * Hash64.GOLDEN_GAMMA) >>> 32;
                long distance = point >= place ? point - place : point - place + (1L << 32);
                if (distance < nearest) {
                    nearest = distance;
                    owner = i;
                }
            }
        }
        return owner;
    }
}
