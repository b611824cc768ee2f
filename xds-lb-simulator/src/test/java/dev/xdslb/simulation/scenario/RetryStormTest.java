/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.simulation.scenario;

import static dev.xdslb.simulation.scenario.ScenariosTest.measure;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.simulation.SimulatedSystem;
import dev.xdslb.strategy.P2cEwma;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Retries of a service that fails are a fifth of the requests, and not the more the more of them fail. */
class RetryStormTest {
    private static final Scenario STORM = new RetryStorm(0.3, 1, 10_000, 1);
    private static final Scenario OUTAGE = new RetryStorm(1, 1, 10_000, 1);

    private static final SimulatedSystem BUDGET = system(RetryBudgetSettings.DEFAULT);
    private static final SimulatedSystem NO_MINIMUM =
            system(new RetryBudgetSettings(true, 0.2, 0, Duration.ofSeconds(10)));
    private static final SimulatedSystem WITHOUT = system(RetryBudgetSettings.UNLIMITED);

    @Test
    void threeTriesOfWhatFailsInThirtyPercent_amplifyTheLoadByAFifth() {
        assertThat(measure(STORM, WITHOUT, "amplification")).isCloseTo(1 + 0.3 + 0.3 * 0.3, within(0.01));
        assertThat(measure(STORM, BUDGET, "amplification")).isCloseTo(1.2 + 10 / 10_000.0, within(0.002));
        assertThat(measure(STORM, NO_MINIMUM, "amplification")).isCloseTo(1.2, within(0.002));
    }

    @Test
    void threeTriesOfWhatFailsAlways_doTheSame() {
        assertThat(measure(OUTAGE, WITHOUT, "amplification")).isEqualTo(3);
        assertThat(measure(OUTAGE, BUDGET, "amplification")).isCloseTo(1.2 + 10 / 10_000.0, within(0.002));
    }

    private static SimulatedSystem system(RetryBudgetSettings budget) {
        return SimulatedSystem.ofEngine(
                "xds-lb-p2c-ewma",
                client -> ClusterSettings.of(new P2cEwma(client.random())).withRetryBudget(budget));
    }
}
