/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.load.TimedUntil;
import dev.xdslb.springcloud.ServiceNames;
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
 * @param clusterDomain Domain of the Kubernetes cluster, in which names of Services such as orders.shop.svc.cluster.local end.
 * @param zone Zone that the application runs in. The control plane is asked where not set.
 * @param ownService Kubernetes Service that the application belongs to, as service, service.namespace or
 *     service.namespace:port. Its pods say how the clients are spread over the zones. The control plane is asked where not
 *     set.
 * @param initialFetchTimeout Longest time that the first request to a service waits for the control plane's answer, above
 *     0.
 * @param lastGoodFile File in which the last endpoints are kept for a start while the control plane is away. None where not set.
 * @param idleTimeout Time after which a service that is not configured, and that no request asks for, is forgotten, above 0.
 * @param maxUnconfiguredServices Number of services, with each of their ports, that requests may name beside the configured
 *     ones, 1 or more.
 * @param maxLeaseAge Time after which a request is given up whose end nobody has told, as where a response is never closed; a second to
 *     a day. Streams are not.
 * @param metrics Which meters there are.
 * @param strategy Name of the strategy that picks among the endpoints of a service.
 * @param responseTime Moment at which the response time of a request has passed: headers, first-byte, or end of the response.
 * @param ejection When an endpoint that fails is left out.
 * @param slowStart How a pod that has just become ready is brought up to its share of the requests.
 * @param errorBias How much less an endpoint gets that fails more often than the others.
 * @param avoidance How long an endpoint that refused or reset a connection is passed over where another is left. 0 switches
 *     it off.
 * @param failureStatuses HTTP statuses that count against an endpoint, as single ones and ranges such as 500-599. None where empty.
 * @param preserveHost Whether the header Host of a request names its service, and not the address of the pod that it goes to.
 * @param verifyServiceName Whether HTTP clients that Spring Boot builds verify the certificate of a pod against the name of its service,
 *     and not against the pod's address.
 * @param zones Whether requests stay in the application's own zone.
 * @param limits How many requests may be in flight.
 * @param retryBudget How many retries may be sent to a service.
 * @param endpointsPerClient How many of a service's endpoints this client uses, and so how many connections it holds: off for all, auto
 *     for as few as keep the load even, or a number. Of each priority, and with zones in the own zone and in the others
 *     together.
 * @param panicThreshold Share of the ready endpoints below which, when ejection leaves fewer, it is ignored; 0 for never.
 * @param hash How the strategies ring-hash and maglev map requests to endpoints.
 * @param clients Settings for single services by their id, which is the host of the requests' URI. Each named service is
 *     subscribed to when the application starts.
 */
@ConfigurationProperties(prefix = "xds-lb", ignoreUnknownFields = false)
public record XdsLbProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue ControlPlane controlPlane,
        @Nullable String namespace,
        @DefaultValue(ServiceNames.USUAL_DOMAIN) String clusterDomain,
        @Nullable String zone,
        @Nullable String ownService,
        @DefaultValue("5s") Duration initialFetchTimeout,
        @Nullable String lastGoodFile,
        @DefaultValue("10m") Duration idleTimeout,
        @DefaultValue("1000") int maxUnconfiguredServices,
        @DefaultValue("10m") Duration maxLeaseAge,
        @NestedConfigurationProperty @DefaultValue MetricsProperties metrics,
        @Nullable String strategy,
        @DefaultValue("headers") TimedUntil responseTime,
        @NestedConfigurationProperty @DefaultValue EjectionProperties ejection,
        @NestedConfigurationProperty @DefaultValue SlowStartProperties slowStart,
        @NestedConfigurationProperty @DefaultValue ErrorBiasProperties errorBias,
        @Nullable Duration avoidance,
        @Nullable List<String> failureStatuses,
        @DefaultValue("false") boolean preserveHost,
        @DefaultValue("false") boolean verifyServiceName,
        @NestedConfigurationProperty @DefaultValue ZonesProperties zones,
        @NestedConfigurationProperty @DefaultValue LimitsProperties limits,
        @NestedConfigurationProperty @DefaultValue RetryBudgetProperties retryBudget,
        @Nullable String endpointsPerClient,
        @Nullable Double panicThreshold,
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
                other.clusterDomain,
                other.zone,
                other.ownService,
                other.initialFetchTimeout,
                other.lastGoodFile,
                other.idleTimeout,
                other.maxUnconfiguredServices,
                other.maxLeaseAge,
                other.metrics,
                other.strategy,
                other.responseTime,
                other.ejection,
                other.slowStart,
                other.errorBias,
                other.avoidance,
                other.failureStatuses,
                other.preserveHost,
                other.verifyServiceName,
                other.zones,
                other.limits,
                other.retryBudget,
                other.endpointsPerClient,
                other.panicThreshold,
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
     * @param failureStatuses HTTP statuses that count against an endpoint, as single ones and ranges such as 500-599. None where
     *     empty.
     * @param preserveHost Whether the header Host of a request names the service, and not the address of the pod that it goes to.
     * @param authority Name of the service that its pods' certificates are for and that preserve-host sends, as host or
     *     host:port. The host of the request's URI where not set.
     * @param zones Whether requests stay in the application's own zone.
     * @param limits How many requests may be in flight.
     * @param retryBudget How many retries may be sent.
     * @param endpointsPerClient How many of a service's endpoints this client uses, and so how many connections it holds: off for all, auto
     *     for as few as keep the load even, or a number. Of each priority, and with zones in the own zone and in the others
     *     together.
     * @param panicThreshold Share of the ready endpoints below which, when ejection leaves fewer, it is ignored; 0 for never.
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
            @Nullable List<String> failureStatuses,
            @Nullable Boolean preserveHost,
            @Nullable String authority,
            @NestedConfigurationProperty @DefaultValue ZonesProperties zones,
            @NestedConfigurationProperty @DefaultValue LimitsProperties limits,
            @NestedConfigurationProperty @DefaultValue RetryBudgetProperties retryBudget,
            @Nullable String endpointsPerClient,
            @Nullable Double panicThreshold,
            @NestedConfigurationProperty @DefaultValue HashProperties hash,
            @NestedConfigurationProperty @DefaultValue SubsetProperties subset,
            @DefaultValue List<String> endpoints)
            implements PolicyProperties {

        /** Returns whether both set the same, whatever service they are for, and whatever name they have for it. */
        boolean setsTheSameAs(Client other) {
            return equals(other.named(resource, preserveHost, authority));
        }

        private Client named(
                @Nullable String otherResource, @Nullable Boolean otherHost, @Nullable String otherAuthority) {
            return new Client(
                    enabled,
                    otherResource,
                    strategy,
                    initialFetchTimeout,
                    responseTime,
                    ejection,
                    slowStart,
                    errorBias,
                    avoidance,
                    failureStatuses,
                    otherHost,
                    otherAuthority,
                    zones,
                    limits,
                    retryBudget,
                    endpointsPerClient,
                    panicThreshold,
                    hash,
                    subset,
                    endpoints);
        }
    }
}
