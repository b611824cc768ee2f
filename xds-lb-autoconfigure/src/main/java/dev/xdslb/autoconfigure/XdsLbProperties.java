/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.load.TimedUntil;
import dev.xdslb.xds.XdsProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.NestedConfigurationProperty;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.bind.ConstructorBinding;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of the load balancer. A name that is none of these ends the start, because nothing else would tell of a
 * misspelt one. The defaults of the policies are those of the policies themselves; the metadata repeats them by hand, in
 * {@code additional-spring-configuration-metadata.json}.
 *
 * @param enabled Whether requests are balanced by xds-lb.
 * @param controlPlane Where the endpoints come from.
 * @param namespace Kubernetes namespace of the application, in which services named without one are looked for. Read from
 *     the environment variable POD_NAMESPACE or the service account where not set.
 * @param zone Zone that the application runs in. The control plane is asked where not set.
 * @param ownService Kubernetes Service that the application belongs to, as service, service.namespace or
 *     service.namespace:port. Its pods say how the clients are spread over the zones. The control plane is asked where not
 *     set.
 * @param initialFetchTimeout Longest time that the first request to a service waits for the control plane's answer, above
 *     0.
 * @param idleTimeout Time after which a service that is not configured, and that no request asks for, is forgotten, above 0.
 * @param maxUnconfiguredServices Number of services, with each of their ports, that requests may name beside the configured
 *     ones, 1 or more.
 * @param strategy Name of the strategy that picks among the endpoints of a service.
 * @param responseTime Moment at which the response time of a request has passed: headers, first-byte, or end of the response.
 * @param ejection When an endpoint that fails is left out.
 * @param slowStart How a pod that has just become ready is brought up to its share of the requests.
 * @param errorBias How much less an endpoint gets that fails more often than the others.
 * @param avoidance How long an endpoint that refused or reset a connection is passed over where another is left. 0 switches
 *     it off.
 * @param zones Whether requests stay in the application's own zone.
 * @param limits How many requests may be in flight.
 * @param hash How the strategies ring-hash and maglev map requests to endpoints.
 * @param clients Settings for single services by their id, which is the host of the requests' URI. Each named service is
 *     subscribed to when the application starts.
 */
@ConfigurationProperties(prefix = "xds-lb", ignoreUnknownFields = false)
public record XdsLbProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue ControlPlane controlPlane,
        @Nullable String namespace,
        @Nullable String zone,
        @Nullable String ownService,
        @DefaultValue("5s") Duration initialFetchTimeout,
        @DefaultValue("10m") Duration idleTimeout,
        @DefaultValue("1000") int maxUnconfiguredServices,
        @Nullable String strategy,
        @DefaultValue("headers") TimedUntil responseTime,
        @NestedConfigurationProperty @DefaultValue EjectionProperties ejection,
        @NestedConfigurationProperty @DefaultValue SlowStartProperties slowStart,
        @NestedConfigurationProperty @DefaultValue ErrorBiasProperties errorBias,
        @Nullable Duration avoidance,
        @NestedConfigurationProperty @DefaultValue ZonesProperties zones,
        @NestedConfigurationProperty @DefaultValue LimitsProperties limits,
        @NestedConfigurationProperty @DefaultValue HashProperties hash,
        @DefaultValue Map<String, Client> clients)
        implements PolicyProperties {

    @ConstructorBinding
    public XdsLbProperties {}

    /**
     * Makes properties of which none is set. When the environment changes, Spring Cloud resets each bean of properties to what
     * such a constructor gives, and complains of one that has none. Nothing of it comes here, as there are no setters:
     * {@link RefreshedProperties} looks what has changed.
     */
    @SuppressWarnings("UnusedMethod") // called by its being there
    private XdsLbProperties() {
        this(new Binder().bindOrCreate("none", XdsLbProperties.class));
    }

    private XdsLbProperties(XdsLbProperties other) {
        this(
                other.enabled,
                other.controlPlane,
                other.namespace,
                other.zone,
                other.ownService,
                other.initialFetchTimeout,
                other.idleTimeout,
                other.maxUnconfiguredServices,
                other.strategy,
                other.responseTime,
                other.ejection,
                other.slowStart,
                other.errorBias,
                other.avoidance,
                other.zones,
                other.limits,
                other.hash,
                other.clients);
    }

    /** Returns whether requests to a service are balanced by xds-lb. */
    boolean isEnabledFor(@Nullable String serviceId) {
        if (serviceId == null) {
            return true;
        }
        Client client = clients.get(serviceId);
        return client == null
                ? clients.entrySet().stream()
                        .allMatch(entry -> entry.getValue().enabled()
                                || !entry.getKey().equalsIgnoreCase(serviceId)) // hosts have no case
                : client.enabled();
    }

    /**
     * Where the endpoints come from.
     *
     * @param address Address of the control plane as host:port.
     * @param protocol Variant of the xDS protocol to begin with.
     * @param ssl Whether it is talked to over TLS.
     */
    public record ControlPlane(
            @DefaultValue("eds-control-plane.xds-lb:18000") String address,
            @DefaultValue("delta") XdsProtocol protocol,
            @DefaultValue Ssl ssl) {}

    /**
     * Whether the control plane is talked to over TLS.
     *
     * @param bundle Name of the SSL bundle with the certificates to trust and, where the control plane asks for one, the own
     *     certificate. Without it the connection is in plain text.
     */
    public record Ssl(@Nullable String bundle) {}

    /**
     * Settings for one service; what is not set is taken from the general settings.
     *
     * @param enabled Whether requests to the service are balanced by xds-lb.
     * @param resource Kubernetes Service that the id stands for, as service, service.namespace or service.namespace:port.
     * @param strategy Name of the strategy that picks among the service's endpoints.
     * @param initialFetchTimeout Longest time that the first request waits for the control plane's answer, above 0.
     * @param responseTime Moment at which the response time of a request has passed: headers, first-byte, or end of the response.
     * @param ejection When an endpoint that fails is left out.
     * @param slowStart How a pod that has just become ready is brought up to its share of the requests.
     * @param errorBias How much less an endpoint gets that fails more often than the others.
     * @param avoidance How long an endpoint that refused or reset a connection is passed over where another is left. 0
     *     switches it off.
     * @param zones Whether requests stay in the application's own zone.
     * @param limits How many requests may be in flight.
     * @param hash How the strategies ring-hash and maglev map requests to endpoints.
     * @param subset Which of the service's endpoints a request may go to.
     * @param endpoints Addresses as host:port that are used while the control plane has never answered.
     */
    public record Client(
            @DefaultValue("true") boolean enabled,
            @Nullable String resource,
            @Nullable String strategy,
            @Nullable Duration initialFetchTimeout,
            @Nullable TimedUntil responseTime,
            @NestedConfigurationProperty @DefaultValue EjectionProperties ejection,
            @NestedConfigurationProperty @DefaultValue SlowStartProperties slowStart,
            @NestedConfigurationProperty @DefaultValue ErrorBiasProperties errorBias,
            @Nullable Duration avoidance,
            @NestedConfigurationProperty @DefaultValue ZonesProperties zones,
            @NestedConfigurationProperty @DefaultValue LimitsProperties limits,
            @NestedConfigurationProperty @DefaultValue HashProperties hash,
            @NestedConfigurationProperty @DefaultValue SubsetProperties subset,
            @DefaultValue List<String> endpoints)
            implements PolicyProperties {

        /** Returns whether both set the same, whatever service they are for. */
        boolean setsTheSameAs(Client other) {
            return equals(other.forResource(resource));
        }

        private Client forResource(@Nullable String other) {
            return new Client(
                    enabled,
                    other,
                    strategy,
                    initialFetchTimeout,
                    responseTime,
                    ejection,
                    slowStart,
                    errorBias,
                    avoidance,
                    zones,
                    limits,
                    hash,
                    subset,
                    endpoints);
        }
    }
}
