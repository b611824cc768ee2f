/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.observe.XdsLbHealthIndicator;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the health contributor {@code xdsLb}. It is in the health endpoint, and in no
 * group unless {@code management.endpoint.health.group.*.include} names it.
 */
@AutoConfiguration(
        after = XdsLbAutoConfiguration.class,
        beforeName = "org.springframework.boot.health.autoconfigure.contributor.HealthContributorAutoConfiguration")
@ConditionalOnClass({HealthIndicator.class, ConditionalOnEnabledHealthIndicator.class})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbHealthAutoConfiguration {

    @Bean
    @ConditionalOnEnabledHealthIndicator("xds-lb")
    @ConditionalOnBean({ClusterRegistry.class, LiveClusters.class})
    @ConditionalOnMissingBean(name = {"xdsLbHealthIndicator", "xdsLbHealthContributor"})
    XdsLbHealthIndicator xdsLbHealthIndicator(ClusterRegistry registry, LiveClusters clusters) {
        return new XdsLbHealthIndicator(registry, clusters::resources, InstantSource.system());
    }
}
