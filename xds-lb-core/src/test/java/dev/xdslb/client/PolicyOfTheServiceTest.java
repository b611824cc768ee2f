/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.policy.PolicySettings;
import org.junit.jupiter.api.Test;

class PolicyOfTheServiceTest {
    private final PolicyOfTheService policies = new PolicyOfTheService(() -> 0);

    @Test
    void serviceThatSaysNothing_isBalancedByTheDefaults() {
        ClusterSettings settings = policies.settings("orders.shop:8080", ServicePolicy.NONE);

        assertThat(settings.strategy().name()).isEqualTo("p2c-ewma");
        assertThat(settings.policy()).isEqualTo(PolicySettings.DEFAULT);
        assertThat(policies.settings("orders.shop:8080", ServicePolicy.NONE))
                .as("so nothing is published anew")
                .isEqualTo(settings);
    }

    @Test
    void whatItSays_isObeyed() {
        ClusterSettings settings = policies.settings(
                "orders.shop:8080",
                ServicePolicy.NONE.withStrategy("round-robin").withLimits(new Limits(7, null)));

        assertThat(settings.strategy().name()).isEqualTo("round-robin");
        assertThat(settings.policy().limits().maxInFlightPerEndpoint()).isEqualTo(7);
    }

    @Test
    void strategyThatIsNotThere_isNamedWithThoseThatAre() {
        assertThatThrownBy(() -> policies.settings("orders.shop:8080", ServicePolicy.NONE.withStrategy("maglev")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("strategy \"maglev\" (expected: one of [p2c-ewma, ");
    }
}
