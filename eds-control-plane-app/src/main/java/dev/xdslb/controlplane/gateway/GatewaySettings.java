/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

/**
 * How Gateways are served.
 *
 * @param tls whether Secrets are read and handed to Envoy; without, a listener with TLS is not programmed, and says so
 */
public record GatewaySettings(boolean tls) {
    public static final GatewaySettings DEFAULT = new GatewaySettings(false);
}
