/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.xds.ChannelFactory;
import dev.xdslb.xds.XdsClientSettings;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsNode;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.cloud.CloudPlatform;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.ssl.SslBundles;
import org.springframework.context.annotation.Bean;
import org.springframework.core.env.Environment;

/**
 * {@link EnableAutoConfiguration Auto-configuration} for the clusters of this process and the control plane that feeds
 * them.
 */
@AutoConfiguration
@ConditionalOnBooleanProperty(name = "xds-lb.enabled", matchIfMissing = true)
@EnableConfigurationProperties(XdsLbProperties.class)
public final class XdsLbAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean
    ServiceNames xdsLbServiceNames(XdsLbProperties properties, Environment environment) {
        return ConfiguredNames.of(
                properties, OwnNamespace.find(properties.namespace(), environment, OwnNamespace.SERVICE_ACCOUNT_FILE));
    }

    /** The registry closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean(EndpointSource.class)
    XdsEndpointSource xdsLbEndpointSource(
            XdsLbProperties properties,
            ServiceNames names,
            Environment environment,
            ObjectProvider<SslBundles> bundles,
            ObjectProvider<ControlPlaneChannelCustomizer> customizers) {
        XdsNode node = XdsNode.ofThisProcess(
                        environment.getProperty("spring.application.name", ""),
                        names.ownNamespace(),
                        podName(environment),
                        given(properties.zone()))
                .inPodNamespace(OwnNamespace.find(null, environment, OwnNamespace.SERVICE_ACCOUNT_FILE));
        String address = properties.controlPlane().address();
        XdsClientSettings settings;
        try {
            settings = XdsClientSettings.builder(address, node)
                    .protocol(properties.controlPlane().protocol())
                    .channelFactory(ConfiguredChannels.customized(
                            channels(properties.controlPlane(), bundles),
                            customizers.orderedStream().toList()))
                    .build();
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.control-plane.address",
                    address,
                    "it is not an address.",
                    "Give host:port, such as eds-control-plane.xds-lb:18000.");
        }
        return new XdsEndpointSource(settings);
    }

    @Bean
    LiveClusters xdsLbClusterSettings(
            XdsLbProperties properties,
            ServiceNames names,
            ObjectProvider<LoadBalancingStrategy> ownStrategies,
            ListableBeanFactory beans,
            ObjectProvider<DiscoveryFallback> discovery) {
        Strategies strategies =
                new Strategies(ownStrategies.orderedStream().toList(), ClusterRegistry.THREAD_LOCAL_RANDOM);
        return new LiveClusters(properties, names, strategies, new RequestKeys(beans), discovery.getIfAvailable());
    }

    @Bean
    @ConditionalOnMissingBean
    ClusterRegistry xdsLbClusterRegistry(
            EndpointSource source, LiveClusters clusters, XdsLbProperties properties, ServiceNames names) {
        String ownService = ownService(given(properties.ownService()), names);
        ClusterRegistry registry = new ClusterRegistry(source, clusters, lifetime(properties));
        registry.locate(given(properties.zone()), ownService);
        return registry;
    }

    /** Subscribes to what the configuration names, so that the first requests find it there. Waits for nothing. */
    @Bean
    SmartInitializingSingleton xdsLbConfiguredSubscriptions(
            ClusterRegistry registry, XdsLbProperties properties, ServiceNames names) {
        return () -> {
            properties.clients().forEach((serviceId, client) -> {
                if (client.enabled()) {
                    registry.cluster(names.resource(serviceId, ServiceNames.NO_PORT));
                }
            });
            if (registry.source() instanceof XdsEndpointSource controlPlane) {
                controlPlane.connect(); // so that one that is away is noticed now and not by the first request
            }
        };
    }

    private static ChannelFactory channels(
            XdsLbProperties.ControlPlane controlPlane, ObjectProvider<SslBundles> bundles) {
        String bundle = given(controlPlane.ssl().bundle());
        return bundle.isEmpty() ? ChannelFactory.PLAINTEXT : ConfiguredChannels.tls(bundle, bundles.getObject());
    }

    private static ClusterLifetime lifetime(XdsLbProperties properties) {
        if (properties.idleTimeout().isZero() || properties.idleTimeout().isNegative()) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.idle-timeout",
                    properties.idleTimeout(),
                    "it must be longer than zero.",
                    "Give a duration such as 10m.");
        }
        if (properties.maxUnconfiguredServices() < 1) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.max-unconfigured-services",
                    properties.maxUnconfiguredServices(),
                    "it must be 1 or more.",
                    "Give a number such as 1000.");
        }
        return new ClusterLifetime(properties.idleTimeout(), properties.maxUnconfiguredServices());
    }

    private static String ownService(String given, ServiceNames names) {
        try {
            return given.isEmpty()
                    ? ""
                    : ServiceReference.parse(given)
                            .inNamespace(names.ownNamespace())
                            .resource();
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.own-service",
                    given,
                    "it is no name of a Kubernetes Service.",
                    "Give service, service.namespace or service.namespace:port, such as checkout.shop.");
        }
    }

    private static String given(@Nullable String value) {
        return value == null ? "" : value.strip();
    }

    /** In a pod, the host name is the pod's name unless its manifest says otherwise. */
    private static String podName(Environment environment) {
        String variable = environment.getProperty("POD_NAME");
        if (variable != null) {
            return variable;
        }
        String hostname = environment.getProperty("HOSTNAME");
        return hostname != null && CloudPlatform.KUBERNETES.isActive(environment) ? hostname : "";
    }
}
