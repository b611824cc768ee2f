/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.observe;

import dev.xdslb.cluster.EndpointSource;
import dev.xdslb.xds.XdsEndpointSource;
import dev.xdslb.xds.XdsStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;

/**
 * How the source of the endpoints is.
 *
 * @param source what messages call it
 * @param status null where it is not a control plane, and says nothing of itself
 * @param dataAge for how long the data may be out of date: zero while the stream is up
 */
record ControlPlaneState(String source, @Nullable XdsStatus status, Duration dataAge) {

    static ControlPlaneState of(EndpointSource source, InstantSource clock) {
        XdsStatus status = source instanceof XdsEndpointSource controlPlane ? controlPlane.status() : null;
        return new ControlPlaneState(source.description(), status, status == null ? Duration.ZERO : age(status, clock));
    }

    private static Duration age(XdsStatus status, InstantSource clock) {
        Instant now = clock.instant();
        return status.connected() || status.since().isAfter(now)
                ? Duration.ZERO
                : Duration.between(status.since(), now);
    }
}
