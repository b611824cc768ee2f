/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.gateway.GatewayKey;
import org.jspecify.annotations.Nullable;

/**
 * A name of what belongs to a Gateway: {@code <namespace>/<name>:<port>}, of routes behind TLS also
 * {@code …/<listener>}. No name of a service has a slash.
 *
 * @param section the listener; empty where there is none
 */
record GatewayName(GatewayKey gateway, int port, String section) {

    /** Returns null for what is no such name. */
    static @Nullable GatewayName parse(String name) {
        int colon = name.indexOf(':');
        GatewayKey gateway = colon < 0 ? null : GatewayKey.parse(name.substring(0, colon));
        if (gateway == null) {
            return null;
        }
        String rest = name.substring(colon + 1);
        int slash = rest.indexOf('/');
        String port = slash < 0 ? rest : rest.substring(0, slash);
        if (port.isEmpty() || port.length() > 5 || port.chars().anyMatch(c -> c < '0' || c > '9')) {
            return null;
        }
        GatewayName parsed =
                new GatewayName(gateway, Integer.parseInt(port), slash < 0 ? "" : rest.substring(slash + 1));
        return parsed.toString().equals(name) ? parsed : null;
    }

    @Override
    public String toString() {
        return gateway + ":" + port + (section.isEmpty() ? "" : "/" + section);
    }
}
