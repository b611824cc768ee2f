/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * How Gateways are served.
 *
 * @param tls whether Secrets are read and handed to Envoy; without, a listener with TLS is not programmed, and says so
 * @param dualStack whether a Gateway that does not say otherwise listens to IPv6, too
 * @param hostsApart whether an Envoy that can is told of the hosts of its routes one by one, so that a change of one costs no more
 *     than that one
 * @param addresses where Gateways are reached, as IP addresses and host names; none of those of which that is not known
 * @param identified whose Envoys are known by their certificates, so that Secrets are read for them; null for all
 */
public record GatewaySettings(
        boolean tls,
        boolean dualStack,
        boolean hostsApart,
        Map<GatewayKey, List<String>> addresses,
        @Nullable Set<GatewayKey> identified) {
    public static final GatewaySettings DEFAULT = new GatewaySettings(false);

    public GatewaySettings {
        addresses = Map.copyOf(addresses);
        identified = identified == null ? null : Set.copyOf(identified);
    }

    /** Returns the settings of Gateways of which is not known where they are reached. */
    public GatewaySettings(boolean tls, boolean dualStack, boolean hostsApart) {
        this(tls, dualStack, hostsApart, Map.of(), null);
    }

    boolean isIdentified(GatewayKey gateway) {
        return identified == null || identified.contains(gateway);
    }

    /** Returns the settings of Gateways that listen to IPv4, with hosts apart. */
    public GatewaySettings(boolean tls) {
        this(tls, false, true);
    }
}
