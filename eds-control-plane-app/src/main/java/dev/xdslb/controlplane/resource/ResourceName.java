/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import com.google.common.base.CharMatcher;
import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.topology.ServiceKey;
import org.jspecify.annotations.Nullable;

/**
 * A name as somebody asks for it: {@code service[.namespace[.svc.cluster.local]][:port][?protocol=grpc]}.
 *
 * @param service the namespace in it is the client's own where the name has none
 * @param port a number or a name; empty when the name has none
 * @param grpc whether the port named grpc is meant where the name has none
 */
record ResourceName(ServiceKey service, String port, boolean grpc) {

    private static final CharMatcher LABEL = CharMatcher.inRange('a', 'z')
            .or(CharMatcher.inRange('A', 'Z'))
            .or(CharMatcher.inRange('0', '9'))
            .or(CharMatcher.anyOf("-_"));

    private static final String CLUSTER_DOMAIN = ".svc.cluster.local";
    static final String GRPC = "?protocol=grpc";

    /** Returns what this name says for such a client, null when it is none. */
    static @Nullable ResourceName parse(String requested, ClientVariant variant) {
        boolean grpc = variant.family() == ClientVariant.Family.GRPC;
        String rest = requested;
        if (rest.endsWith(GRPC)) {
            grpc = true;
            rest = rest.substring(0, rest.length() - GRPC.length());
        }
        String port = "";
        int colon = rest.indexOf(':');
        if (colon >= 0) {
            port = rest.substring(colon + 1);
            rest = rest.substring(0, colon);
            if (!isLabel(port)) {
                return null;
            }
        }
        String namespace = variant.namespace();
        int dot = rest.indexOf('.');
        String service = dot < 0 ? rest : rest.substring(0, dot);
        if (dot >= 0) {
            namespace = rest.substring(dot + 1);
            if (namespace.endsWith(CLUSTER_DOMAIN)) {
                namespace = namespace.substring(0, namespace.length() - CLUSTER_DOMAIN.length());
            }
        }
        return isLabel(service) && isLabel(namespace)
                ? new ResourceName(new ServiceKey(namespace, service), port, grpc)
                : null;
    }

    /** Returns the number that the name asks for, or -1 when it asks for a name. Only {@code 80} is 80, not {@code 080}. */
    int portNumber() {
        if (port.isEmpty() || port.length() > 5 || port.charAt(0) == '0') {
            return -1;
        }
        for (int i = 0; i < port.length(); i++) {
            if (port.charAt(i) < '0' || port.charAt(i) > '9') {
                return -1;
            }
        }
        return Integer.parseInt(port);
    }

    static String canonical(ServiceKey service, int port) {
        return service + ":" + port;
    }

    /** A rough check: what passes and is no legal name of Kubernetes simply does not exist. */
    private static boolean isLabel(String text) {
        return !text.isEmpty() && LABEL.matchesAllOf(text);
    }
}
