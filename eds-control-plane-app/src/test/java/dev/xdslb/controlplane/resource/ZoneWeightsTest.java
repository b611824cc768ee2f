/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.controlplane.topology.ZoneKey;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ZoneWeightsTest {

    private static final Map<ZoneKey, Integer> EVEN_CLIENTS = clients("a", 4, "b", 4, "c", 4);

    @Test
    void roomInTheOwnZone_nearlyAllStays_andEveryOtherZoneIsKnown() {
        Map<ZoneKey, Integer> weights = ZoneWeights.of(zone("a"), ready("a", 4, "b", 4, "c", 4), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isGreaterThanOrEqualTo(0.98);
        assertThat(weights).containsOnlyKeys(zone("a"), zone("b"), zone("c")).doesNotContainValue(0);
    }

    /** U = 2/10, L = 1/3: 0.6 stays, and the two others have equal room. */
    @Test
    void halfOfTheOwnZoneGone_whatItHasRoomForStays_andTheRestGoesWhereRoomIs() {
        Map<ZoneKey, Integer> weights = ZoneWeights.of(zone("a"), ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isCloseTo(0.6, within(0.01));
        assertThat(share(weights, "b")).isCloseTo(0.2, within(0.01));
        assertThat(share(weights, "c")).isCloseTo(0.2, within(0.01));
    }

    /** b is as full as a, so what a lacks goes to c alone; but for what is left to see the others at all. */
    @Test
    void zoneWithoutRoomForItsOwnClients_getsNothingOfTheRest() {
        Map<ZoneKey, Integer> weights = ZoneWeights.of(zone("a"), ready("a", 2, "b", 2, "c", 8), EVEN_CLIENTS);

        assertThat(share(weights, "a")).isCloseTo(0.5, within(0.01));
        assertThat(share(weights, "b")).isLessThan(0.01);
        assertThat(share(weights, "c")).isCloseTo(0.5, within(0.01));
    }

    /** Envoy's own case of zones that do not match: 0.375 stays, the residuals are 0.2083, 0.2083 and 0.125. */
    @Test
    void residuals_areThoseOfEnvoy() {
        Map<ZoneKey, Integer> weights = ZoneWeights.of(
                zone("a"), ready("a", 1, "c", 3, "d", 3, "e", 1), clients("a", 2, "b", 2, "c", 1, "d", 1));

        assertThat(share(weights, "a")).isCloseTo(0.375, within(0.005));
        assertThat(share(weights, "c")).isCloseTo(0.625 * 0.2083 / 0.5417, within(0.005));
        assertThat(share(weights, "d")).isCloseTo(0.625 * 0.2083 / 0.5417, within(0.005));
        assertThat(share(weights, "e")).isCloseTo(0.625 * 0.125 / 0.5417, within(0.005));
    }

    /** As those of a Kubernetes cluster whose Nodes have no label of a region. */
    @Test
    void clientsOfAnUnknownRegion_areInTheZoneOfTheirName() {
        ZoneKey own = new ZoneKey("eu", "a");
        Map<ZoneKey, Integer> weights =
                ZoneWeights.of(own, Map.of(own, 5L, new ZoneKey("eu", "b"), 5L), Map.of(new ZoneKey("", "a"), 10));

        assertThat(weights.get(own) / (double) ZoneWeights.ALL).isCloseTo(0.5, within(0.01));
    }

    @Test
    void endpointsCountByTheirWeight() {
        assertThat(share(ZoneWeights.of(zone("a"), ready("a", 10, "b", 30), clients("a", 1, "b", 1)), "a"))
                .isCloseTo(0.5, within(0.01));
    }

    /** As our client does: over the zones that serve. */
    @Test
    void unknownClients_areTakenToBeSpreadEvenly() {
        assertThat(ZoneWeights.of(zone("a"), ready("a", 2, "b", 4, "c", 4), Map.of()))
                .isEqualTo(ZoneWeights.of(zone("a"), ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS));
    }

    @Test
    void clientsOfAnUnknownZone_countForNone() {
        Map<ZoneKey, Integer> withUnknown = new HashMap<>(EVEN_CLIENTS);
        withUnknown.put(zone(""), 7);

        assertThat(ZoneWeights.of(zone("a"), ready("a", 2, "b", 4, "c", 4), withUnknown))
                .isEqualTo(ZoneWeights.of(zone("a"), ready("a", 2, "b", 4, "c", 4), EVEN_CLIENTS));
    }

    /** One that asks before it is ready is there all the same. */
    @Test
    void clientThatIsNotReady_countsAsOne() {
        assertThat(share(ZoneWeights.of(zone("a"), ready("a", 1, "b", 9), clients("a", 0, "b", 4)), "a"))
                .as("U = 0.1, L = 0.2")
                .isCloseTo(0.5, within(0.01));
    }

    /** L = 10/12, U = 1/2: as if the clients of the other region were not there; those of a region that is not known may be near. */
    @Test
    void clientsOfARegionThatDoesNotServe_countForNone() {
        ZoneKey own = new ZoneKey("eu", "a");
        Map<ZoneKey, Long> ready = Map.of(own, 5L, new ZoneKey("eu", "b"), 5L);
        Map<ZoneKey, Integer> clients =
                Map.of(own, 10, new ZoneKey("eu", "b"), 2, new ZoneKey("us", "a"), 12, new ZoneKey("us", "c"), 9);

        Map<ZoneKey, Integer> weights = ZoneWeights.of(own, ready, clients);

        assertThat(weights.get(own) / 10_000.0).isCloseTo(0.6, within(0.01));
    }

    @Test
    void withoutAReadyEndpointInTheOwnZone_orInAnyOther_zonesDoNotMatter() {
        assertThat(ZoneWeights.of(zone("a"), ready("b", 4, "c", 4), EVEN_CLIENTS))
                .isEmpty();
        assertThat(ZoneWeights.of(zone("a"), ready("a", 4), EVEN_CLIENTS)).isEmpty();
        assertThat(ZoneWeights.of(zone("a"), Map.of(), EVEN_CLIENTS)).isEmpty();
    }

    /** Nobody is near to them, so they get what the formula gives any other zone. */
    @Test
    void endpointsOfAnUnknownZone_areNotPreferred_andHelp() {
        Map<ZoneKey, Integer> weights = ZoneWeights.of(zone("a"), ready("a", 1, "", 1), clients("a", 4));

        assertThat(share(weights, "a")).isCloseTo(0.5, within(0.01));
        assertThat(share(weights, "")).isCloseTo(0.5, within(0.01));
    }

    private static double share(Map<ZoneKey, Integer> weights, String zone) {
        double all = weights.values().stream().mapToInt(Integer::intValue).sum();
        return weights.get(zone(zone)) / all;
    }

    private static Map<ZoneKey, Long> ready(Object... zonesAndWeights) {
        Map<ZoneKey, Long> ready = new HashMap<>();
        clients(zonesAndWeights).forEach((zone, weight) -> ready.put(zone, weight.longValue()));
        return ready;
    }

    private static Map<ZoneKey, Integer> clients(Object... zonesAndCounts) {
        Map<ZoneKey, Integer> clients = new HashMap<>();
        for (int i = 0; i < zonesAndCounts.length; i += 2) {
            clients.put(zone((String) zonesAndCounts[i]), (Integer) zonesAndCounts[i + 1]);
        }
        return clients;
    }

    private static ZoneKey zone(String name) {
        return new ZoneKey("", name);
    }
}
