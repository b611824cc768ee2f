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
 * @param hostsApart whether an Envoy that can is told of the hosts of its routes one by one, so that a change of one costs no more
 *     than that one
 */
public record GatewaySettings(boolean tls, boolean dualStack, boolean hostsApart) {
    public static final GatewaySettings DEFAULT = new GatewaySettings(false);

    /** Returns the settings of Gateways that listen to IPv4, with hosts apart. */
    public GatewaySettings(boolean tls) {
        this(tls, false, true);
    }
}
