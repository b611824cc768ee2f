/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import static java.util.Objects.requireNonNullElse;

import dev.xdslb.autoconfigure.XdsLbProperties.Client;
import dev.xdslb.cluster.ClusterSettings;
import dev.xdslb.cluster.ClusterSettingsProvider;
import dev.xdslb.cluster.FailureStatuses;
import dev.xdslb.cluster.FallbackEndpoints;
import dev.xdslb.cluster.RetryBudgetSettings;
import dev.xdslb.cluster.ServicePolicy;
import dev.xdslb.cluster.ServiceReference;
import dev.xdslb.cluster.SubsetSettings;
import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.load.TimedUntil;
import dev.xdslb.policy.EndpointsPerClient;
import dev.xdslb.policy.PolicySettings;
import dev.xdslb.springcloud.ServiceNames;
import dev.xdslb.strategy.HashSettings;
import dev.xdslb.strategy.LoadBalancingStrategy;
import dev.xdslb.strategy.P2cEwma;
import dev.xdslb.strategy.RequestKey;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The settings of each cluster as the properties say. Reads all of them when it is made, so that a value that cannot work
 * ends the start of the application and not its first request. A value that is written here wins, and one that is not comes from
 * the source's policy, and without one from the defaults. Immutable.
 *
 * <p>A client's settings apply to its Service whatever the port, because a port in a URI or in a gRPC target makes a
 * cluster of its own; where two clients stand for different ports of one Service, each applies to its own port.
 */
final class ConfiguredClusters implements ClusterSettingsProvider {
    private static final Logger log = LoggerFactory.getLogger(ConfiguredClusters.class);

    /** Names come from requests, too: what would be logged beyond it is not. */
    private static final int MOST_REFUSED = 1_000;

    private final ServiceNames names;
    private final XdsLbProperties properties;
    private final Strategies strategies;
    private final RequestKeys keys;
    private final Settings general;
    private final Map<String, Settings> clients = new LinkedHashMap<>();
    private final Fallbacks fallbacks;
    private final Set<String> refused = ConcurrentHashMap.newKeySet(); // what was logged of what cannot be obeyed

    ConfiguredClusters(
            XdsLbProperties properties,
            ServiceNames names,
            Strategies strategies,
            RequestKeys keys,
            Fallbacks fallbacks) {
        this.names = names;
        this.properties = properties;
        this.strategies = strategies;
        this.fallbacks = fallbacks;
        this.keys = keys;
        this.general = new Settings(
                properties.strategy(),
                null,
                "xds-lb",
                positive("xds-lb.initial-fetch-timeout", properties.initialFetchTimeout()),
                List.of(),
                null,
                properties.responseTime(),
                failureStatuses("xds-lb.failure-statuses", properties.failureStatuses(), null));
        requireOneSettingPerService(properties.clients());
        properties.clients().forEach((serviceId, client) -> {
            if (client.enabled()) {
                clients.put(serviceId, settings(serviceId, client));
            }
        });
        requireUsable(general); // for the sake of their ranges, too
        clients.values().forEach(this::requireUsable);
    }

    private void requireUsable(Settings settings) {
        EndpointsPerClient used = policy(settings, ServicePolicy.NONE).endpointsPerClient();
        RetryBudgetSettings unused = retryBudget(settings, ServicePolicy.NONE);
        LoadBalancingStrategy strategy = written(settings, hash("", settings, ServicePolicy.NONE));
        if (strategy == null || used.mode() == EndpointsPerClient.Mode.ALL || !strategy.needsAllEndpoints()) {
            return;
        }
        boolean isOwn = settings.client != null && settings.client.endpointsPerClient() != null;
        throw XdsLbConfigurationException.value(
                (isOwn ? settings.prefix : "xds-lb") + ".endpoints-per-client",
                used,
                "it does not go together with the strategy " + strategy.name() + " of " + settings.prefix
                        + ", which sends a key to one of all endpoints: clients that do not use that endpoint would send it"
                        + " elsewhere.",
                "Set " + settings.prefix + ".endpoints-per-client to off, or use a strategy that needs no key, such as "
                        + P2cEwma.NAME + '.');
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
    public ClusterSettings settings(String resource, ServicePolicy policy) {
        ServiceReference reference = reference(resource);
        String serviceId = clientOf(reference);
        Settings settings = serviceId == null ? general : clients.getOrDefault(serviceId, general);
        LoadBalancingStrategy strategy = strategy(resource, settings, policy);
        PolicySettings policies = policy(settings, policy);
        if (policies.endpointsPerClient().mode() != EndpointsPerClient.Mode.ALL && strategy.needsAllEndpoints()) {
            // Both are written nowhere: that ends the start.
            if (isWritten(settings)) {
                warnOnce(
                        resource,
                        "strategy " + strategy.name() + ", which does not go together with " + settings.prefix
                                + ".endpoints-per-client; " + P2cEwma.NAME + " is used");
                strategy = byDefault(settings);
            } else {
                warnOnce(
                        resource,
                        "endpoints per client " + policies.endpointsPerClient()
                                + ", which does not go together with the strategy " + strategy.name()
                                + "; all are used");
                policies = policies.withEndpointsPerClient(EndpointsPerClient.ALL);
            }
        }
        return new ClusterSettings(
                strategy,
                policies,
                settings.initialFetchTimeout,
                fallback(reference, serviceId, settings.endpoints),
                settings.subset != null ? settings.subset : subset(resource, policy.subset()),
                settings.responseTime,
                failureStatuses(settings, policy),
                retryBudget(settings, policy));
    }

    private boolean isWritten(Settings settings) {
        return properties.endpointsPerClient() != null
                || (settings.client != null && settings.client.endpointsPerClient() != null);
    }

    private static FailureStatuses failureStatuses(Settings settings, ServicePolicy policy) {
        if (settings.failureStatuses != null) {
            return settings.failureStatuses;
        }
        return requireNonNullElse(policy.failureStatuses(), FailureStatuses.DEFAULT);
    }

    private @Nullable SubsetSettings subset(String resource, ServicePolicy.Subset said) {
        RequestKey key = said.from() == null ? null : saidKey(resource, said.from());
        return key == null ? null : said.settings(key);
    }

    /** Returns the key that somebody else's policy names; null, and a warning, where this application has none such. */
    private @Nullable RequestKey saidKey(String resource, String text) {
        try {
            return keys.named("the control plane's policy", text);
        } catch (XdsLbConfigurationException e) {
            warnOnce(
                    resource,
                    "requests to be told apart by " + text + ", which this application cannot: " + e.getMessage());
            return null;
        }
    }

    private void warnOnce(String resource, String what) {
        if (refused.size() < MOST_REFUSED && refused.add(resource + ' ' + what)) {
            log.warn("{}: the control plane asks for {}", resource, what);
        }
    }

    /** Ports beside the configured one are named by requests. */
    @Override
    public boolean isConfigured(String resource) {
        ServiceReference reference = reference(resource);
        return clients.keySet().stream()
                .anyMatch(serviceId -> names.reference(serviceId).equals(reference));
    }

    /** Returns the resources that the configured services stand for, on the port that each of them means. */
    Set<String> resources() {
        return clients.keySet().stream()
                .map(serviceId -> names.resource(serviceId, ServiceNames.NO_PORT))
                .collect(Collectors.toUnmodifiableSet());
    }

    /** A gRPC client may ask for "whichever port speaks gRPC" in a query after the name. */
    private static ServiceReference reference(String resource) {
        return ServiceReference.parse(resource.split("\\?", 2)[0]);
    }

    /**
     * Returns the strategy of a name that somebody asks for at run time, with the hash settings of a cluster.
     *
     * @param policy what the Service says
     *
     * @throws XdsLbConfigurationException when there is none, or it needs a key that is not configured
     */
    LoadBalancingStrategy strategy(String resource, ServicePolicy policy, String name) {
        String serviceId = clientOf(reference(resource));
        Settings settings = serviceId == null ? general : clients.getOrDefault(serviceId, general);
        HashSettings hash = hash(resource, settings, policy);
        return strategies.named("strategy", name, hash, settings.prefix + ".hash.key");
    }

    private PolicySettings policy(Settings settings, ServicePolicy said) {
        ServicePolicy fitting = said.withEjection(fitting(said.ejection(), properties.ejection()));
        if (settings.client != null) {
            fitting = fitting.withEjection(fitting(fitting.ejection(), settings.client.ejection()));
        }
        PolicySettings ofAll = properties.over(fitting.over(PolicySettings.DEFAULT), "xds-lb");
        return settings.client == null ? ofAll : settings.client.over(ofAll, settings.prefix);
    }

    /** Where one of the two times of an ejection is written here, the other one that the source says follows as far as it must. */
    private static ServicePolicy.Ejection fitting(ServicePolicy.Ejection said, EjectionProperties written) {
        Duration shortest = said.baseTime();
        Duration longest = said.maxTime();
        if (shortest != null && written.maxTime() != null && shortest.compareTo(written.maxTime()) > 0) {
            shortest = written.maxTime();
        }
        if (longest != null && written.baseTime() != null && longest.compareTo(written.baseTime()) < 0) {
            longest = written.baseTime();
        }
        return new ServicePolicy.Ejection(
                said.consecutiveFailures(),
                said.failureRatio(),
                said.minRequests(),
                shortest,
                longest,
                said.maxShare(),
                said.probeBudget(),
                said.tcpHealthCheck());
    }

    private LoadBalancingStrategy strategy(String resource, Settings settings, ServicePolicy policy) {
        HashSettings hash = hash(resource, settings, policy);
        LoadBalancingStrategy written = written(settings, hash);
        if (written != null) {
            return written;
        }
        String said = policy.strategy();
        LoadBalancingStrategy strategy = said == null ? null : strategies.usable(said, hash);
        if (strategy != null) {
            return strategy;
        }
        if (said != null) {
            warnOnce(
                    resource,
                    "strategy " + said + ", which is none of this application's or needs " + settings.prefix
                            + ".hash.key; " + P2cEwma.NAME + " is used");
        }
        return byDefault(settings);
    }

    private LoadBalancingStrategy byDefault(Settings settings) {
        return strategies.named(settings.prefix + ".strategy", P2cEwma.NAME, HashSettings.of(Strategies.NO_KEY), "");
    }

    private @Nullable LoadBalancingStrategy written(Settings settings, HashSettings hash) {
        String keyProperty =
                settings.client == null ? "xds-lb.hash.key" : settings.prefix + ".hash.key or xds-lb.hash.key";
        return settings.strategy == null
                ? null
                : strategies.named(settings.prefix + ".strategy", settings.strategy, hash, keyProperty);
    }

    private HashSettings hash(String resource, Settings settings, ServicePolicy policy) {
        RequestKey key = policy.hash().key() == null
                ? null
                : saidKey(resource, policy.hash().key());
        HashSettings said =
                policy.hash().over(HashSettings.of(Strategies.NO_KEY), requireNonNullElse(key, Strategies.NO_KEY));
        HashSettings ofAll = hash("xds-lb.hash", properties.hash(), said);
        return settings.client == null ? ofAll : hash(settings.prefix + ".hash", settings.client.hash(), ofAll);
    }

    private RetryBudgetSettings retryBudget(Settings settings, ServicePolicy policy) {
        RetryBudgetSettings ofAll = retryBudget(
                "xds-lb", properties.retryBudget(), policy.retryBudget().over(RetryBudgetSettings.DEFAULT));
        return settings.client == null ? ofAll : retryBudget(settings.prefix, settings.client.retryBudget(), ofAll);
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
        boolean portIsConfigured =
                serviceId != null && names.reference(serviceId).equals(reference);
        return fallbacks.of(
                endpoints,
                serviceId != null ? serviceId : discoveryName(reference),
                portIsConfigured ? "" : reference.port());
    }

    private String discoveryName(ServiceReference reference) {
        return reference.namespace().equals(names.ownNamespace()) ? reference.service() : reference.authority();
    }

    private Settings settings(String serviceId, Client client) {
        String prefix = "xds-lb.clients." + serviceId;
        Duration timeout = client.initialFetchTimeout();
        return new Settings(
                client.strategy() == null ? properties.strategy() : client.strategy(),
                client,
                prefix,
                timeout == null ? general.initialFetchTimeout : positive(prefix + ".initial-fetch-timeout", timeout),
                client.endpoints().stream()
                        .map(address -> StaticEndpoint.parse(prefix + ".endpoints", address))
                        .toList(),
                client.subset().settings(prefix + ".subset", keys),
                requireNonNullElse(client.responseTime(), general.responseTime),
                failureStatuses(prefix + ".failure-statuses", client.failureStatuses(), general.failureStatuses));
    }

    private static RetryBudgetSettings retryBudget(
            String prefix, RetryBudgetProperties properties, RetryBudgetSettings base) {
        return InRange.of(prefix + ".retry-budget", () -> properties.over(base));
    }

    private static @Nullable FailureStatuses failureStatuses(
            String property, @Nullable List<String> given, @Nullable FailureStatuses base) {
        try {
            return given == null ? base : FailureStatuses.parse(given);
        } catch (IllegalArgumentException e) {
            throw XdsLbConfigurationException.value(
                    property,
                    String.join(", ", given),
                    "it has " + e.getMessage() + '.',
                    "Give statuses from 100 to 999 and ranges of them, such as 500-599, 429.");
        }
    }

    private HashSettings hash(String group, HashProperties written, HashSettings base) {
        RequestKey key = written.key() == null ? base.key() : keys.named(group + ".key", written.key());
        return InRange.of(group, () -> written.over(base, key));
    }

    private static Duration positive(String property, Duration value) {
        if (value.isZero() || value.isNegative()) {
            throw XdsLbConfigurationException.value(
                    property, value, "it must be longer than zero.", "Give a duration such as 5s.");
        }
        return value;
    }

    /**
     * What is configured for all services, or for one.
     *
     * @param strategy the name that is written
     * @param client null for all services
     * @param failureStatuses null where none are written
     */
    private record Settings(
            @Nullable String strategy,
            @Nullable Client client,
            String prefix,
            Duration initialFetchTimeout,
            List<Endpoint> endpoints,
            @Nullable SubsetSettings subset,
            TimedUntil responseTime,
            @Nullable FailureStatuses failureStatuses) {}
}
