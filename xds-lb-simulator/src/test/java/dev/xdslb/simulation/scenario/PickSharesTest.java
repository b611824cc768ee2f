/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.simulation.peer.Peers;
import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.strategy.WeightedRoundRobin;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Envoy's cases for least request and grpc-java's for weighted round robin. */
@Tag("figures")
class PickSharesTest {
    private static final SimulatedSystem LEAST_REQUEST =
            SimulatedSystem.ofStrategy("xds-lb-p2c-least-request", client -> new P2cLeastRequest(client.random()));
    private static final SimulatedSystem WEIGHTED_ROUND_ROBIN = SimulatedSystem.ofStrategy(
            "xds-lb-weighted-round-robin", client -> new WeightedRoundRobin(client.random()));

    @Test
    void oneBusyPodOfThree_isMetByDrawsWithReplacementOnly() {
        assertShares(Peers.p2cWithReplacement(), List.of(1, 1, 1), List.of(0, 0, 1), 44.45, 44.45, 11.1);
        assertShares(LEAST_REQUEST, List.of(1, 1, 1), List.of(0, 0, 1), 50, 50, 0);
    }

    @Test
    void oneBusyPodOfTwo_isMetByDrawsWithReplacementOnly() {
        assertShares(Peers.p2cWithReplacement(), List.of(1, 1), List.of(0, 1), 75, 25);
        assertShares(LEAST_REQUEST, List.of(1, 1), List.of(0, 1), 100, 0);
    }

    @Test
    void weights_decideAmongIdlePods() {
        assertShares(LEAST_REQUEST, List.of(1, 1, 1), List.of(0, 0, 0), 33.3, 33.3, 33.3);
        assertShares(LEAST_REQUEST, List.of(2, 1), List.of(0, 0), 66.7, 33.3);
    }

    @Test
    void weightedRoundRobin_followsWeightsFromUtilisation() {
        double[] weights = {22 / 0.12, 40 / 0.28, 100 / 0.86};
        double sum = weights[0] + weights[1] + weights[2];
        assertShares(
                WEIGHTED_ROUND_ROBIN,
                List.of(183_333, 142_857, 116_279),
                List.of(0, 0, 0),
                100 * weights[0] / sum,
                100 * weights[1] / sum,
                100 * weights[2] / sum);
        assertShares(WEIGHTED_ROUND_ROBIN, List.of(2, 3, 6), List.of(0, 0, 0), 200 / 11.0, 300 / 11.0, 600 / 11.0);
    }

    @Test
    void weightedRoundRobin_givesALightPodATenthOfTheMeanAtLeast() {
        assertShares(WEIGHTED_ROUND_ROBIN, List.of(1_000_000_000, 1), List.of(0, 0), 100 * 20 / 21.0, 100 / 21.0);
    }

    private static void assertShares(
            SimulatedSystem system, List<Integer> weights, List<Integer> inFlight, double... percents) {
        List<Row> rows = new PickShares("picks", weights, inFlight).run(system);

        assertThat(rows).hasSize(percents.length);
        for (int pod = 0; pod < percents.length; pod++) {
            assertThat(rows.get(pod).value())
                    .as(system.name() + ", " + weights + ", " + inFlight + ", pod " + (pod + 1))
                    .isCloseTo(percents[pod], within(1.0));
        }
    }
}
