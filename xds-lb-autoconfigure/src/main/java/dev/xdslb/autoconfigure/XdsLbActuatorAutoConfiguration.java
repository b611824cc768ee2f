/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.Cluster;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.observe.XdsLbEndpoint;
import dev.xdslb.observe.XdsLbJmxExtension;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.LoadBalancingStrategy;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.actuate.autoconfigure.endpoint.condition.ConditionalOnAvailableEndpoint;
import org.springframework.boot.actuate.autoconfigure.endpoint.expose.EndpointExposure;
import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.EndpointAccessResolver;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/** {@link EnableAutoConfiguration Auto-configuration} for the actuator's endpoint {@code xdslb}, where the application exposes it. */
@AutoConfiguration(after = XdsLbAutoConfiguration.class)
@ConditionalOnClass({Endpoint.class, ConditionalOnAvailableEndpoint.class})
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
public final class XdsLbActuatorAutoConfiguration {
    private static final Logger log = LoggerFactory.getLogger(XdsLbActuatorAutoConfiguration.class);

    private static final String ACCESS = "management.endpoint.xdslb.access";

    /** The condition is not on the class: without the actuator it could not even be made. */
    @Bean
    @ConditionalOnAvailableEndpoint(XdsLbEndpoint.class)
    @ConditionalOnBean({ClusterRegistry.class, ServiceNames.class})
    @ConditionalOnMissingBean
    XdsLbEndpoint xdsLbEndpoint(
            ClusterRegistry registry,
            ServiceNames names,
            ObjectProvider<LiveClusters> configured,
            ObjectProvider<EndpointAccessResolver> access,
            Environment environment) {
        warnOfUnmeantAccess(access.getIfAvailable(), environment);
        return new XdsLbEndpoint(
                registry,
                name -> names.resource(name, ServiceNames.NO_PORT),
                (cluster, strategy) -> strategy(configured.getIfAvailable(), cluster, strategy),
                InstantSource.system());
    }

    private static LoadBalancingStrategy strategy(@Nullable LiveClusters configured, Cluster cluster, String strategy) {
        if (configured == null) {
            throw new IllegalArgumentException("strategy: \"" + strategy
                    + "\" (expected: none, as this application makes the settings of its clusters itself)");
        }
        try {
            return configured.strategy(cluster.resource(), cluster.servicePolicy(), strategy);
        } catch (XdsLbConfigurationException e) { // the request is at fault here, not the configuration
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Older keys, and those for all endpoints, give more than who sets them may know. */
    private static void warnOfUnmeantAccess(@Nullable EndpointAccessResolver access, Environment environment) {
        if (access != null
                && access.accessFor(EndpointId.of("xdslb"), Access.READ_ONLY) == Access.UNRESTRICTED
                && !environment.containsProperty(ACCESS)) {
            log.warn(
                    "Whoever reaches the actuator can change where this application sends its requests, though {} is not set: a property for"
                            + " all endpoints, or management.endpoint.xdslb.enabled, gives access. Set {} to read-only, or to unrestricted"
                            + " where that is meant.",
                    ACCESS,
                    ACCESS);
        }
    }

    @Bean
    @ConditionalOnAvailableEndpoint(endpoint = XdsLbEndpoint.class, exposure = EndpointExposure.JMX)
    @ConditionalOnBean(XdsLbEndpoint.class)
    @ConditionalOnMissingBean
    XdsLbJmxExtension xdsLbJmxExtension(XdsLbEndpoint endpoint) {
        return new XdsLbJmxExtension(endpoint);
    }
}
