/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ZoneWeightsTest {

    private static final Map<String, Integer> EVEN_CLIENTS = Map.of("a", 4, "b", 4, "c", 4);

    @Test
    void roomInTheOwnZone_nearlyAllStays_andEveryOtherZoneIsKnown() {
        Map<String, Integer> weights = ZoneWeights.of("a", ready("a", 4, "b", 4, "c", 4), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isGreaterThanOrEqualTo(0.98);
        assertThat(weights).containsOnlyKeys("a", "b", "c").doesNotContainValue(0);
    }

    /** U = 2/10, L = 1/3: 0.6 stays, and the two others have equal room. */
    @Test
    void halfOfTheOwnZoneGone_whatItHasRoomForStays_andTheRestGoesWhereRoomIs() {
        Map<String, Integer> weights = ZoneWeights.of("a", ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isCloseTo(0.6, within(0.01));
        assertThat(share(weights, "b")).isCloseTo(0.2, within(0.01));
        assertThat(share(weights, "c")).isCloseTo(0.2, within(0.01));
    }

    /** b is as full as a, so what a lacks goes to c alone; but for what is left to see the others at all. */
    @Test
    void zoneWithoutRoomForItsOwnClients_getsNothingOfTheRest() {
        Map<String, Integer> weights = ZoneWeights.of("a", ready("a", 2, "b", 2, "c", 8), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isCloseTo(0.5, within(0.01));
        assertThat(share(weights, "b")).isLessThan(0.01);
        assertThat(share(weights, "c")).isCloseTo(0.5, within(0.01));
    }

    /** Envoy's own case of zones that do not match: 0.375 stays, the residuals are 0.2083, 0.2083 and 0.125. */
    @Test
    void residuals_areThoseOfEnvoy() {
        Map<String, Integer> weights =
                ZoneWeights.of("a", ready("a", 1, "c", 3, "d", 3, "e", 1), Map.of("a", 2, "b", 2, "c", 1, "d", 1));

        assertThat(share(weights, "a")).isCloseTo(0.375, within(0.005));
        assertThat(share(weights, "c")).isCloseTo(0.625 * 0.2083 / 0.5417, within(0.005));
        assertThat(share(weights, "d")).isCloseTo(0.625 * 0.2083 / 0.5417, within(0.005));
        assertThat(share(weights, "e")).isCloseTo(0.625 * 0.125 / 0.5417, within(0.005));
    }

    @Test
    void endpointsCountByTheirWeight() {
        assertThat(share(ZoneWeights.of("a", ready("a", 10, "b", 30), Map.of("a", 1, "b", 1)), "a"))
                .isCloseTo(0.5, within(0.01));
    }

    /** As our client does: over the zones that serve. */
    @Test
    void unknownClients_areTakenToBeSpreadEvenly() {
        assertThat(ZoneWeights.of("a", ready("a", 2, "b", 4, "c", 4), Map.of()))
                .isEqualTo(ZoneWeights.of("a", ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS));
    }

    @Test
    void clientsOfAnUnknownZone_countForNone() {
        Map<String, Integer> withUnknown = new HashMap<>(EVEN_CLIENTS);
        withUnknown.put("", 7);

        assertThat(ZoneWeights.of("a", ready("a", 2, "b", 4, "c", 4), withUnknown))
                .isEqualTo(ZoneWeights.of("a", ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS));
    }

    /** One that asks before it is ready is there all the same. */
    @Test
    void clientThatIsNotReady_countsAsOne() {
        assertThat(share(ZoneWeights.of("a", ready("a", 1, "b", 9), Map.of("a", 0, "b", 4)), "a"))
                .as("U = 0.1, L = 0.2")
                .isCloseTo(0.5, within(0.01));
    }

    @Test
    void withoutAReadyEndpointInTheOwnZone_orInAnyOther_zonesDoNotMatter() {
        assertThat(ZoneWeights.of("a", ready("b", 4, "c", 4), EVEN_CLIENTS)).isEmpty();
        assertThat(ZoneWeights.of("a", ready("a", 4), EVEN_CLIENTS)).isEmpty();
        assertThat(ZoneWeights.of("a", Map.of(), EVEN_CLIENTS)).isEmpty();
    }

    /** Nobody is near to them, so they get what the formula gives any other zone. */
    @Test
    void endpointsOfAnUnknownZone_areNotPreferred_andHelp() {
        Map<String, Integer> weights = ZoneWeights.of("a", ready("a", 1, "", 1), Map.of("a", 4));

        assertThat(share(weights, "a")).isCloseTo(0.5, within(0.01));
        assertThat(share(weights, "")).isCloseTo(0.5, within(0.01));
    }

    private static double share(Map<String, Integer> weights, String zone) {
        double all = weights.values().stream().mapToInt(Integer::intValue).sum();
        return weights.get(zone) / all;
    }

    private static Map<String, Long> ready(Object... zonesAndWeights) {
        Map<String, Long> ready = new HashMap<>();
        for (int i = 0; i < zonesAndWeights.length; i += 2) {
            ready.put((String) zonesAndWeights[i], ((Integer) zonesAndWeights[i + 1]).longValue());
        }
        return ready;
    }
}
