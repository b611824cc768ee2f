/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static dev.xdslb.simulation.scenario.ScenariosTest.measure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.simulation.peer.Peers;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** The peers' zone routing shows what Envoy's own tests expect, and what is known to go wrong with it. */
@Tag("figures")
class ZoneScenariosTest {
    @Test
    void zonesThatDoNotMatch_shareAsEnvoysResidualsSay() {
        Scenario scenario = ZoneShares.allReady(List.of(2, 2, 1, 1, 0), List.of(1, 0, 3, 3, 1));

        assertThat(measure(scenario, Peers.envoyZoneAware(), "local-in-first-zone"))
                .isCloseTo(37.5, within(2.0));
    }

    @Test
    void smallZone_keepsTwoThirds() {
        Scenario scenario = ZoneShares.allReady(List.of(1, 1, 1), List.of(2, 4, 3));

        assertThat(measure(scenario, Peers.envoyZoneAware(), "local-in-first-zone"))
                .isCloseTo(66.7, within(2.0));
    }

    @Test
    void zoneThatLostHalfOfItsPods_drownsWhoStaysInIt() {
        Scenario scenario = new ZoneFault(ZoneFault.Kind.LOSE, 6, 0.6, 1);

        assertThat(measure(scenario, Peers.p2cPeakEwma(), "p99")).isBetween(55.0, 85.0);
        assertThat(measure(scenario, Peers.envoyZoneAware(), "p99")).isBetween(55.0, 85.0);
        assertThat(measure(scenario, Peers.strictZone(), "p99")).isGreaterThan(1000);
    }

    @Test
    void slowZone_drownsWhoKnowsOnlyHowManyPodsItHas() {
        Scenario scenario = new ZoneFault(ZoneFault.Kind.SLOW, 6, 0.6, 1);

        assertThat(measure(scenario, Peers.p2cPeakEwma(), "p99")).isBetween(70.0, 115.0);
        assertThat(measure(scenario, Peers.envoyZoneAware(), "p99")).isGreaterThan(1000);
    }
}
