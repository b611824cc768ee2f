/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.OutOfRangeException;
import java.time.Duration;
import org.apiguardian.api.API;

/**
 * Who is eligible in one cluster, and with which weight.
 *
 * @param ejection when an endpoint that fails is left out
 * @param slowStart how a new pod is brought up to its share
 * @param errorBias how much less a failing endpoint gets
 * @param avoidance for how long an endpoint that refused or reset a connection is passed over where another is eligible,
 *     zero to switch it off, a year at most
 * @param zones whether requests stay in the client's own zone
 * @param limits how many requests may be in flight
 * @param endpointsPerClient how many of the endpoints this client uses
 * @param panicThreshold the share of the ready endpoints below which, when ejection leaves fewer, it is ignored; 0 for never
 */
@API(status = API.Status.STABLE)
public record PolicySettings(
        EjectionSettings ejection,
        SlowStartSettings slowStart,
        ErrorBiasSettings errorBias,
        Duration avoidance,
        ZoneSettings zones,
        LimitSettings limits,
        EndpointsPerClient endpointsPerClient,
        double panicThreshold) {

    /** Below this share of eligible endpoints, the failures say more about the pool than about the endpoints. As in Envoy. */
    public static final double DEFAULT_PANIC_THRESHOLD = 0.5;

    /** Everything on, with its defaults; one second of avoidance; no limits; all endpoints are used. */
    public static final PolicySettings DEFAULT = new PolicySettings(
            EjectionSettings.DEFAULT,
            SlowStartSettings.DEFAULT,
            ErrorBiasSettings.DEFAULT,
            Duration.ofSeconds(1),
            ZoneSettings.DEFAULT,
            LimitSettings.NONE);

    public PolicySettings {
        requireNonNull(ejection, "ejection");
        requireNonNull(slowStart, "slowStart");
        requireNonNull(errorBias, "errorBias");
        requireNonNull(zones, "zones");
        requireNonNull(limits, "limits");
        requireNonNull(endpointsPerClient, "endpointsPerClient");
        PolicyTime.require("avoidance", avoidance, Duration.ZERO);
        if (!(panicThreshold >= 0 && panicThreshold <= 1)) {
            throw new OutOfRangeException("panicThreshold", panicThreshold, "0 (never) to 1");
        }
    }

    /** Makes settings with the default threshold of panic. */
    public PolicySettings(
            EjectionSettings ejection,
            SlowStartSettings slowStart,
            ErrorBiasSettings errorBias,
            Duration avoidance,
            ZoneSettings zones,
            LimitSettings limits,
            EndpointsPerClient endpointsPerClient) {
        this(ejection, slowStart, errorBias, avoidance, zones, limits, endpointsPerClient, DEFAULT_PANIC_THRESHOLD);
    }

    /** Makes settings under which a client uses all endpoints. */
    public PolicySettings(
            EjectionSettings ejection,
            SlowStartSettings slowStart,
            ErrorBiasSettings errorBias,
            Duration avoidance,
            ZoneSettings zones,
            LimitSettings limits) {
        this(ejection, slowStart, errorBias, avoidance, zones, limits, EndpointsPerClient.ALL);
    }

    /** Returns the same settings with another ejection. */
    public PolicySettings withEjection(EjectionSettings newEjection) {
        return new PolicySettings(
                newEjection, slowStart, errorBias, avoidance, zones, limits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with another slow start. */
    public PolicySettings withSlowStart(SlowStartSettings newSlowStart) {
        return new PolicySettings(
                ejection, newSlowStart, errorBias, avoidance, zones, limits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with another error bias. */
    public PolicySettings withErrorBias(ErrorBiasSettings newErrorBias) {
        return new PolicySettings(
                ejection, slowStart, newErrorBias, avoidance, zones, limits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with another avoidance. */
    public PolicySettings withAvoidance(Duration newAvoidance) {
        return new PolicySettings(
                ejection, slowStart, errorBias, newAvoidance, zones, limits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with other rules for zones. */
    public PolicySettings withZones(ZoneSettings newZones) {
        return new PolicySettings(
                ejection, slowStart, errorBias, avoidance, newZones, limits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with other limits. */
    public PolicySettings withLimits(LimitSettings newLimits) {
        return new PolicySettings(
                ejection, slowStart, errorBias, avoidance, zones, newLimits, endpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with another number of endpoints that this client uses. */
    @API(status = API.Status.EXPERIMENTAL)
    public PolicySettings withEndpointsPerClient(EndpointsPerClient newEndpointsPerClient) {
        return new PolicySettings(
                ejection, slowStart, errorBias, avoidance, zones, limits, newEndpointsPerClient, panicThreshold);
    }

    /** Returns the same settings with another threshold of panic. */
    @API(status = API.Status.EXPERIMENTAL)
    public PolicySettings withPanicThreshold(double newPanicThreshold) {
        return new PolicySettings(
                ejection, slowStart, errorBias, avoidance, zones, limits, endpointsPerClient, newPanicThreshold);
    }
}
