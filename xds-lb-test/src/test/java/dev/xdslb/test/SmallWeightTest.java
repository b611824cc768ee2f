/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.test;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.load.Lease;
import dev.xdslb.load.Outcome;
import dev.xdslb.policy.Candidate;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestAttributes;
import java.time.Duration;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A canary of little weight gets its share and not more, however rare the requests are. */
class SmallWeightTest {
    @ParameterizedTest
    @CsvSource({"99, 1, 2000", "99, 5, 2000", "99, 50, 4000", "1000, 1, 10000", "10, 1, 2000"})
    void canary_getsItsShare(int weightOfOthers, int perSecond, int requests) {
        Duration rest = Duration.ofNanos(1_000_000_000L / perSecond - 2_000_000);
        try (TestCluster cluster = TestCluster.of(
                new P2cEwma(new SplittableRandom(1)), TestCluster.weightedEndpoints(1, weightOfOthers))) {
            int canary = 0;
            for (int i = 0; i < requests; i++) {
                Candidate picked = cluster.pick(RequestAttributes.NONE);
                canary += "pod-0".equals(picked.endpoint().podName()) ? 1 : 0;
                Lease lease = cluster.lease(picked);
                cluster.advance(Duration.ofMillis(2));
                lease.end(Outcome.SUCCESS);
                cluster.advance(rest);
            }
            double share = requests / (weightOfOthers + 1.0);
            assertThat((double) canary).isBetween(share * 0.7 - 3, share * 1.3 + 3);
        }
    }
}
