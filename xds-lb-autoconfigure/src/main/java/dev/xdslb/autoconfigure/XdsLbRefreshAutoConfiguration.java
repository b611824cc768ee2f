/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterRegistry;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.cloud.context.environment.EnvironmentChangeEvent;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** {@link EnableAutoConfiguration Auto-configuration} for properties that change while the application runs. */
@AutoConfiguration(after = XdsLbAutoConfiguration.class)
@ConditionalOnClass(EnvironmentChangeEvent.class)
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbRefreshAutoConfiguration {

    @Bean
    @ConditionalOnBean({LiveClusters.class, ClusterRegistry.class})
    RefreshedProperties xdsLbRefreshedProperties(
            Environment environment,
            LiveClusters clusters,
            ConfiguredConnections connections,
            ClusterRegistry registry,
            XdsLbProperties properties) {
        return new RefreshedProperties(environment, clusters, connections, registry, properties);
    }
}
