/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.observe.XdsLbMeters;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.docs.MeterDocumentation;
import java.time.InstantSource;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;

/** {@link EnableAutoConfiguration Auto-configuration} for the meters. */
@AutoConfiguration(
        after = XdsLbAutoConfiguration.class,
        afterName = {
            "org.springframework.boot.micrometer.metrics.autoconfigure.CompositeMeterRegistryAutoConfiguration",
            "org.springframework.boot.micrometer.metrics.autoconfigure.export.simple.SimpleMetricsExportAutoConfiguration"
        })
@ConditionalOnClass({MeterRegistry.class, MeterDocumentation.class})
@ConditionalOnBooleanProperty(
        name = {"xds-lb.enabled", "xds-lb.metrics.enabled"},
        matchIfMissing = true)
public final class XdsLbMetricsAutoConfiguration {

    @Bean
    @ConditionalOnBean({MeterRegistry.class, ClusterRegistry.class, LiveClusters.class})
    @ConditionalOnMissingBean
    XdsLbMeters xdsLbMeters(ClusterRegistry registry, LiveClusters clusters, XdsLbProperties properties) {
        return new XdsLbMeters(
                registry, clusters::resources, properties.metrics().endpoints(), InstantSource.system());
    }
}
