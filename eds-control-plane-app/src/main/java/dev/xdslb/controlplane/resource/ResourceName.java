/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

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

    private static final String CLUSTER_DOMAIN = ".svc.cluster.local";
    static final String GRPC = "?protocol=grpc";

    /** Returns what this name says for such a client, null when it is none. */
    static @Nullable ResourceName parse(String requested, ClientVariant variant) {
        boolean grpc = variant.family() == ClientVariant.Family.GRPC;
        int end = requested.length();
        if (requested.endsWith(GRPC)) {
            grpc = true;
            end -= GRPC.length();
        }
        String port = "";
        int colon = requested.indexOf(':');
        if (colon >= 0 && colon < end) {
            if (!isLabel(requested, colon + 1, end)) {
                return null;
            }
            port = requested.substring(colon + 1, end);
            end = colon;
        }
        int dot = requested.indexOf('.');
        if (dot < 0 || dot > end) {
            return isLabel(requested, 0, end)
                            && isLabel(
                                    variant.namespace(), 0, variant.namespace().length())
                    ? new ResourceName(new ServiceKey(variant.namespace(), requested.substring(0, end)), port, grpc)
                    : null;
        }
        int namespaceEnd = end - CLUSTER_DOMAIN.length();
        if (namespaceEnd <= dot || !requested.startsWith(CLUSTER_DOMAIN, namespaceEnd)) {
            namespaceEnd = end;
        }
        return isLabel(requested, 0, dot) && isLabel(requested, dot + 1, namespaceEnd)
                ? new ResourceName(
                        new ServiceKey(requested.substring(dot + 1, namespaceEnd), requested.substring(0, dot)),
                        port,
                        grpc)
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
    private static boolean isLabel(String text, int from, int to) {
        for (int i = from; i < to; i++) {
            char next = text.charAt(i);
            boolean allowed = (next >= 'a' && next <= 'z')
                    || (next >= '0' && next <= '9')
                    || (next >= 'A' && next <= 'Z')
                    || next == '-'
                    || next == '_';
            if (!allowed) {
                return false;
            }
        }
        return from < to;
    }
}
