/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.client;

import static org.assertj.core.api.Assertions.assertThat;

import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServicePolicy.Limits;
import dev.xdslb.policy.EndpointsPerClient;
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
    void strategyThatIsNotThere_doesNotCount_andTheRestDoes() {
        ServicePolicy asked = byKey("bean:tenant");

        ClusterSettings settings = policies.settings("orders.shop:8080", asked);

        assertThat(settings.strategy().name()).isEqualTo("p2c-ewma");
        assertThat(settings.retryBudget().share()).isEqualTo(0.5);
        assertThat(policies.settings("orders.shop:8080", ServicePolicy.NONE.withStrategy("maglev"))
                        .strategy()
                        .name())
                .isEqualTo("p2c-ewma");
    }

    @Test
    void strategyByKey_needsAKey_andIsTheSameOneForTheSameSettings() {
        ServicePolicy policy = byKey("header:x-user");

        ClusterSettings settings = policies.settings("orders.shop:8080", policy);

        assertThat(settings.strategy().name()).isEqualTo("ring-hash");
        assertThat(policies.settings("orders.shop:8080", byKey("header:x-user")))
                .isEqualTo(settings);
        assertThat(policies.settings("orders.shop:8080", byKey("header:x-tenant"))
                        .strategy())
                .isNotEqualTo(settings.strategy());
        assertThat(settings.policy().endpointsPerClient())
                .as("a key may lead to any endpoint")
                .isEqualTo(EndpointsPerClient.ALL);
        assertThat(settings.retryBudget().share()).isEqualTo(0.5);
        assertThat(settings.subset()).isNotNull();
    }

    private static ServicePolicy byKey(String key) {
        return new ServicePolicy(
                "ring-hash",
                ServicePolicy.SlowStart.NONE,
                ServicePolicy.Ejection.NONE,
                ServicePolicy.Limits.NONE,
                ServicePolicy.Zones.NONE,
                new ServicePolicy.Hash(key, null, null, null),
                new ServicePolicy.Subset(null, "path", null, null),
                new ServicePolicy.RetryBudget(null, 0.5, null, null),
                ServicePolicy.ErrorBias.NONE,
                null,
                null,
                EndpointsPerClient.of(3),
                null);
    }
}
