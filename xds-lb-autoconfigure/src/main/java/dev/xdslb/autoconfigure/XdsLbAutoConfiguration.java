/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.cluster.ClusterLifetime;
import dev.xdslb.cluster.ClusterRegistry;
import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.springcloud.RetryBudgets;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.xds.LastGoodFile;
import dev.xdslb.xds.XdsClientSettings;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsNode;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ListableBeanFactory;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.SmartInitializingSingleton;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBooleanProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
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

    @Bean
    @ConditionalOnMissingBean({XdsLbConnectionDetails.class, EndpointSource.class})
    XdsLbConnectionDetails xdsLbConnectionDetails(XdsLbProperties properties, ObjectProvider<SslBundles> bundles) {
        String bundle = given(properties.controlPlane().ssl().bundle());
        return new PropertiesXdsLbConnectionDetails(
                properties.controlPlane(), bundle.isEmpty() ? null : new ConfiguredBundle(bundle, bundles.getObject()));
    }

    /** The registry closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean(EndpointSource.class)
    XdsEndpointSource xdsLbEndpointSource(
            XdsLbProperties properties,
            XdsLbConnectionDetails details,
            ServiceNames names,
            Environment environment,
            ObjectProvider<ControlPlaneChannelCustomizer> customizers,
            ObjectProvider<LastGoodFile> lastGood) {
        XdsNode node = XdsNode.ofThisProcess(
                        environment.getProperty("spring.application.name", ""),
                        names.ownNamespace(),
                        podName(environment),
                        zone(properties, environment))
                .inPodNamespace(OwnNamespace.find(null, environment, OwnNamespace.SERVICE_ACCOUNT_FILE));
        String address = details.getAddress();
        XdsClientSettings settings;
        try {
            settings = XdsClientSettings.builder(address, node)
                    .protocol(properties.controlPlane().protocol())
                    .channelFactory(ConfiguredChannels.customized(
                            ConfiguredChannels.of(details),
                            customizers.orderedStream().toList()))
                    .lastGoodFile(lastGood.getIfAvailable())
                    .build();
        } catch (IllegalArgumentException e) {
            boolean configured = details instanceof PropertiesXdsLbConnectionDetails;
            throw XdsLbConfigurationException.value(
                    configured
                            ? "xds-lb.control-plane.address"
                            : "the address of bean " + details.getClass().getName(),
                    address,
                    "it is not an address.",
                    "Give host:port, such as eds-control-plane.xds-lb:18000.");
        }
        return new XdsEndpointSource(settings);
    }

    /** The client of the control plane closes it. */
    @Bean(destroyMethod = "")
    @ConditionalOnMissingBean
    @ConditionalOnProperty("xds-lb.last-good-file")
    LastGoodFile xdsLbLastGoodFile(XdsLbProperties properties) {
        String path = given(properties.lastGoodFile());
        try {
            return new LastGoodFile(Path.of(path));
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.last-good-file",
                    path,
                    "it is not the path of a file: " + e.getMessage() + '.',
                    "Give a path such as /var/cache/orders/xds-lb.");
        }
    }

    @Bean
    LiveClusters xdsLbClusterSettings(
            XdsLbProperties properties,
            ServiceNames names,
            ObjectProvider<LoadBalancingStrategy> ownStrategies,
            ListableBeanFactory beans,
            ObjectProvider<LastGoodFile> lastGood,
            ObjectProvider<DiscoveryFallback> discovery) {
        Strategies strategies =
                new Strategies(ownStrategies.orderedStream().toList(), ClusterRegistry.THREAD_LOCAL_RANDOM);
        return new LiveClusters(
                properties,
                names,
                strategies,
                new RequestKeys(beans),
                new Fallbacks(lastGood.getIfAvailable(), discovery.getIfAvailable()));
    }

    @Bean
    ConfiguredConnections xdsLbConnections(XdsLbProperties properties) {
        return new ConfiguredConnections(properties);
    }

    @Bean
    @ConditionalOnMissingBean
    ClusterRegistry xdsLbClusterRegistry(
            EndpointSource source,
            LiveClusters clusters,
            XdsLbProperties properties,
            ServiceNames names,
            Environment environment) {
        String ownService = ownService(given(properties.ownService()), names, properties.clusterDomain());
        ClusterRegistry registry =
                new ClusterRegistry(source, clusters, lifetime(properties), maxLeaseAge(properties.maxLeaseAge()));
        registry.identify(
                given(environment.getProperty("POD_UID")),
                OwnNamespace.find(null, environment, OwnNamespace.SERVICE_ACCOUNT_FILE),
                podName(environment));
        registry.locate(zone(properties, environment), ownService);
        return registry;
    }

    @Bean
    @ConditionalOnMissingBean
    RetryBudgets xdsLbRetryBudgets(ServiceNames names, ClusterRegistry registry) {
        return new RetryBudgets(names, registry);
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
        if (properties.metrics().endpoints() < 0) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.metrics.endpoints",
                    properties.metrics().endpoints(),
                    "it must be 0 or more.",
                    "Give the number of endpoints that may have meters of their own, or 0 for none.");
        }
        return new ClusterLifetime(properties.idleTimeout(), properties.maxUnconfiguredServices());
    }

    private static Duration maxLeaseAge(Duration given) {
        if (given.compareTo(Duration.ofSeconds(1)) < 0 || given.compareTo(Duration.ofDays(1)) > 0) {
            throw XdsLbConfigurationException.value(
                    "xds-lb.max-lease-age",
                    given,
                    "it must be from a second to a day.",
                    "Give a duration such as 10m.");
        }
        return given;
    }

    private static String ownService(String given, ServiceNames names, String clusterDomain) {
        try {
            return given.isEmpty()
                    ? ""
                    : ServiceNames.parse(given, clusterDomain)
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

    /** Spring Cloud has a property of its own for it. */
    private static String zone(XdsLbProperties properties, Environment environment) {
        String own = given(properties.zone());
        return own.isEmpty() ? given(environment.getProperty("spring.cloud.loadbalancer.zone")) : own;
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
