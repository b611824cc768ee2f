/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.GatewayObject.Listener;
import dev.xdslb.controlplane.gateway.GatewayObject.RouteKind;
import dev.xdslb.controlplane.gateway.GatewayView.CertificateReference;
import dev.xdslb.controlplane.gateway.ObjectStatus.Condition;
import java.util.List;
import java.util.Set;

/**
 * A listener, and what can be made of it.
 *
 * @param hostname in lower case; empty for every host
 * @param kinds of routes that may attach themselves
 * @param supportedKinds the same, as the status says it
 * @param certificates that can be used
 * @param valid whether it is served
 */
record LookedAtListener(
        Listener listener,
        String hostname,
        Set<RouteObject.Kind> kinds,
        List<RouteKind> supportedKinds,
        List<CertificateReference> certificates,
        boolean valid,
        List<Condition> conditions) {

    LookedAtListener {
        kinds = Set.copyOf(kinds);
        supportedKinds = List.copyOf(supportedKinds);
        certificates = List.copyOf(certificates);
        conditions = List.copyOf(conditions);
    }

    /** Returns whether it is the hostname of the object, not the empty one in place of what is none. */
    boolean hasUsableHostname() {
        return !hostname.isEmpty() || listener.hostname().isEmpty();
    }

    boolean tls() {
        return listener.protocol().equals(ListenerRules.HTTPS);
    }
}
