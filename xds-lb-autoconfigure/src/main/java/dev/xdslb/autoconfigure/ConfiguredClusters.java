/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.autoconfigure.XdsLbProperties.Client;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.FallbackEndpoints;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.RequestKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The settings of each cluster as the properties say. Reads all of them when it is made, so that a value that cannot work
 * ends the start of the application and not its first request. Immutable.
 *
 * <p>A client's settings apply to its Service whatever the port, because a port in a URI or in a gRPC target makes a
 * cluster of its own; where two clients stand for different ports of one Service, each applies to its own port.
 */
final class ConfiguredClusters implements Function<String, ClusterSettings> {
    private final ServiceNames names;
    private final Settings general;
    private final Map<String, Settings> clients = new LinkedHashMap<>();
    private final @Nullable DiscoveryFallback discovery;

    ConfiguredClusters(
            XdsLbProperties properties,
            ServiceNames names,
            Strategies strategies,
            RequestKeys keys,
            @Nullable DiscoveryFallback discovery) {
        this.names = names;
        this.discovery = discovery;
        HashSettings hash = hash("xds-lb.hash", properties.hash(), HashSettings.of(Strategies.NO_KEY), keys);
        this.general = new Settings(
                strategies.named("xds-lb.strategy", properties.strategy(), hash, "xds-lb.hash.key"),
                hash,
                properties.over(PolicySettings.DEFAULT, "xds-lb"),
                positive("xds-lb.initial-fetch-timeout", properties.initialFetchTimeout()),
                List.of(),
                null,
                properties.responseTime());
        requireOneSettingPerService(properties.clients());
        properties.clients().forEach((serviceId, client) -> {
            if (client.enabled()) {
                clients.put(serviceId, settings(serviceId, client, properties.strategy(), strategies, keys));
            }
        });
    }

    /** Endpoints, load and pickers belong to a service, not to an id: of two that differ, one would be without effect. */
    private void requireOneSettingPerService(Map<String, Client> configured) {
        Map<ServiceReference, Map.Entry<String, Client>> firstIds = new HashMap<>();
        configured.forEach((serviceId, client) -> {
            if (!client.enabled()) {
                return;
            }
            ServiceReference service = names.reference(serviceId);
            Map.Entry<String, Client> first = firstIds.putIfAbsent(service, Map.entry(serviceId, client));
            if (first != null && !client.setsTheSameAs(first.getValue())) {
                throw new XdsLbConfigurationException(
                        "xds-lb.clients." + first.getKey() + " and xds-lb.clients." + serviceId + " both mean "
                                + service.resource() + ", and are set differently.",
                        "Give both the same settings, or name the service in one way only.");
            }
        });
    }

    @Override
    public ClusterSettings apply(String resource) {
        // A gRPC client may ask for "whichever port speaks gRPC" in a query after the name.
        ServiceReference reference = ServiceReference.parse(resource.split("\\?", 2)[0]);
        String serviceId = clientOf(reference);
        Settings settings = serviceId == null ? general : clients.getOrDefault(serviceId, general);
        return new ClusterSettings(
                settings.strategy,
                settings.policy,
                settings.initialFetchTimeout,
                fallback(reference, serviceId, settings.endpoints),
                settings.subset,
                settings.responseTime);
    }

    private @Nullable String clientOf(ServiceReference reference) {
        String sameService = null;
        for (String serviceId : clients.keySet()) {
            ServiceReference configured = names.reference(serviceId);
            if (configured.equals(reference)) {
                return serviceId;
            }
            if (sameService == null && configured.authority().equals(reference.authority())) {
                sameService = serviceId;
            }
        }
        return sameService;
    }

    private FallbackEndpoints fallback(
            ServiceReference reference, @Nullable String serviceId, List<Endpoint> endpoints) {
        FallbackEndpoints fixed = endpoints.isEmpty() ? FallbackEndpoints.NONE : resource -> endpoints;
        if (discovery == null) {
            return fixed;
        }
        boolean portIsConfigured =
                serviceId != null && names.reference(serviceId).equals(reference);
        FallbackEndpoints discovered = discovery.of(
                serviceId != null ? serviceId : discoveryName(reference), portIsConfigured ? "" : reference.port());
        return endpoints.isEmpty() ? discovered : fixed.orElse(discovered);
    }

    private String discoveryName(ServiceReference reference) {
        return reference.namespace().equals(names.ownNamespace()) ? reference.service() : reference.authority();
    }

    private Settings settings(
            String serviceId, Client client, String generalStrategy, Strategies strategies, RequestKeys keys) {
        String prefix = "xds-lb.clients." + serviceId;
        Duration timeout = client.initialFetchTimeout();
        HashSettings hash = hash(prefix + ".hash", client.hash(), general.hash, keys);
        return new Settings(
                client.strategy() == null && client.hash().isEmpty()
                        ? general.strategy
                        : strategies.named(
                                prefix + ".strategy",
                                requireNonNullElse(client.strategy(), generalStrategy),
                                hash,
                                prefix + ".hash.key or xds-lb.hash.key"),
                hash,
                client.over(general.policy, prefix),
                timeout == null ? general.initialFetchTimeout : positive(prefix + ".initial-fetch-timeout", timeout),
                client.endpoints().stream()
                        .map(address -> StaticEndpoint.parse(prefix + ".endpoints", address))
                        .toList(),
                client.subset().settings(prefix + ".subset", keys),
                requireNonNullElse(client.responseTime(), general.responseTime));
    }

    private static HashSettings hash(String group, HashProperties properties, HashSettings base, RequestKeys keys) {
        RequestKey key = properties.key() == null ? base.key() : keys.named(group + ".key", properties.key());
        return InRange.of(group, () -> properties.over(base, key));
    }

    private static Duration positive(String property, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw XdsLbConfigurationException.value(
                    property, value, "it must be longer than zero.", "Give a duration such as 5s.");
        }
        return value;
    }

    private record Settings(
            LoadBalancingStrategy strategy,
            HashSettings hash,
            PolicySettings policy,
            Duration initialFetchTimeout,
            List<Endpoint> endpoints,
            @Nullable SubsetSettings subset,
            TimedUntil responseTime) {}
}
