/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

/**
 * How Gateways are served.
 *
 * @param tls whether Secrets are read and handed to Envoy; without, a listener with TLS is not programmed, and says so
 * @param dualStack whether a Gateway that does not say otherwise listens to IPv6, too
 */
public record GatewaySettings(boolean tls, boolean dualStack) {
    public static final GatewaySettings DEFAULT = new GatewaySettings(false);

    /** Returns the settings of Gateways that listen to IPv4. */
    public GatewaySettings(boolean tls) {
        this(tls, false);
    }
}
