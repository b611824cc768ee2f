/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.autoconfigure;

import dev.xdslb.strategy.P2cLeastRequest;
import dev.xdslb.xds.XdsProtocol;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Configuration of the load balancer.
 *
 * @param enabled Whether requests are balanced by xds-lb.
 * @param controlPlane Where the endpoints come from.
 * @param namespace Kubernetes namespace of the application, in which services named without one are looked for. Read from
 *     the environment variable POD_NAMESPACE or the service account where not set.
 * @param zone Zone that the application runs in.
 * @param initialFetchTimeout Longest time that the first request to a service waits for the control plane's answer.
 * @param strategy Name of the strategy that picks among the endpoints of a service.
 * @param ejection When an endpoint that fails is left out.
 * @param clients Settings for single services by their id, which is the host of the requests' URI. Each named service is
 *     subscribed to when the application starts.
 */
@ConfigurationProperties("xds-lb")
public record XdsLbProperties(
        @DefaultValue("true") boolean enabled,
        @DefaultValue ControlPlane controlPlane,
        @Nullable String namespace,
        @Nullable String zone,
        @DefaultValue("5s") Duration initialFetchTimeout,
        @DefaultValue(P2cLeastRequest.NAME) String strategy,
        @DefaultValue Ejection ejection,
        @DefaultValue Map<String, Client> clients) {

    /** Returns whether requests to a service are balanced by xds-lb. */
    boolean isEnabledFor(@Nullable String serviceId) {
        Client client = serviceId == null ? null : clients.get(serviceId);
        return client == null || client.enabled();
    }

    /**
     * Where the endpoints come from.
     *
     * @param address Address of the control plane as host:port.
     * @param protocol Variant of the xDS protocol to begin with.
     */
    public record ControlPlane(
            @DefaultValue("eds-control-plane.xds-lb:18000") String address,
            @DefaultValue("delta") XdsProtocol protocol) {}

    /**
     * When an endpoint that fails is left out.
     *
     * @param consecutiveFailures Failures in a row after which an endpoint is left out.
     * @param baseTime How long an endpoint is left out the first time. Doubled each further time.
     * @param maxTime Longest time that an endpoint is left out.
     * @param maxShare Share of a service's endpoints that may be left out at once, from 0 to 1.
     */
    public record Ejection(
            @DefaultValue("5") int consecutiveFailures,
            @DefaultValue("1s") Duration baseTime,
            @DefaultValue("30s") Duration maxTime,
            @DefaultValue("0.5") double maxShare) {}

    /**
     * Settings for one service; what is not set is taken from the general settings.
     *
     * @param enabled Whether requests to the service are balanced by xds-lb.
     * @param resource Kubernetes Service that the id stands for, as service, service.namespace or service.namespace:port.
     * @param strategy Name of the strategy that picks among the service's endpoints.
     * @param initialFetchTimeout Longest time that the first request waits for the control plane's answer.
     * @param ejection When an endpoint that fails is left out.
     * @param endpoints Addresses as host:port that are used while the control plane has never answered.
     */
    public record Client(
            @DefaultValue("true") boolean enabled,
            @Nullable String resource,
            @Nullable String strategy,
            @Nullable Duration initialFetchTimeout,
            @Nullable EjectionOverride ejection,
            @DefaultValue List<String> endpoints) {}

    /**
     * When an endpoint of one service is left out; what is not set is taken from the general settings.
     *
     * @param consecutiveFailures Failures in a row after which an endpoint is left out.
     * @param baseTime How long an endpoint is left out the first time. Doubled each further time.
     * @param maxTime Longest time that an endpoint is left out.
     * @param maxShare Share of the service's endpoints that may be left out at once, from 0 to 1.
     */
    public record EjectionOverride(
            @Nullable Integer consecutiveFailures,
            @Nullable Duration baseTime,
            @Nullable Duration maxTime,
            @Nullable Double maxShare) {}
}
