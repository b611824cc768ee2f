/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.ads.ClientVariant;
import dev.xdslb.controlplane.topology.ServiceKey;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A name as somebody asks for it: {@code service[.namespace[.svc[.cluster.local]]][.][:port][?protocol=grpc]}. Names of hosts have no
 * case, so {@code Orders.shop} is {@code orders.shop}, as the names of Kubernetes are in lower case.
 *
 * @param service the namespace in it is the client's own where the name has none
 * @param port a number or a name; empty when the name has none
 * @param grpc whether the port named grpc is meant where the name has none
 */
record ResourceName(ServiceKey service, String port, boolean grpc) {

    /** The domain of Kubernetes where nobody has given the cluster another one. */
    static final String USUAL_DOMAIN = "cluster.local";

    static final String GRPC = "?protocol=grpc";
    private static final String OF_SERVICES = ".svc";

    /**
     * Returns what this name says for such a client, null when it is none.
     *
     * @param clusterDomain in which names may end, such as {@code cluster.local}
     */
    static @Nullable ResourceName parse(String requested, ClientVariant variant, String clusterDomain) {
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
            port = lowerCase(requested, colon + 1, end);
            end = colon;
        }
        if (end > 0 && requested.charAt(end - 1) == '.') {
            end--;
        }
        int dot = indexOfDot(requested, 0, end);
        int namespaceEnd = dot == end ? end : indexOfDot(requested, dot + 1, end);
        if (!isLabel(requested, 0, dot) || !isOfServices(requested, namespaceEnd, end, clusterDomain)) {
            return null;
        }
        String namespace;
        if (dot == end) {
            namespace = variant.namespace();
            if (!isLabel(namespace, 0, namespace.length())) {
                return null;
            }
        } else {
            if (!isLabel(requested, dot + 1, namespaceEnd)) {
                return null;
            }
            namespace = lowerCase(requested, dot + 1, namespaceEnd);
        }
        return new ResourceName(new ServiceKey(namespace, lowerCase(requested, 0, dot)), port, grpc);
    }

    /** Returns whether this part is empty, {@code .svc}, or that with the domain. */
    private static boolean isOfServices(String text, int from, int to, String clusterDomain) {
        int rest = to - from - OF_SERVICES.length();
        if (from == to) {
            return true;
        }
        if (!text.regionMatches(true, from, OF_SERVICES, 0, OF_SERVICES.length())) {
            return false;
        }
        return rest == 0
                || (rest == clusterDomain.length() + 1
                        && text.charAt(to - rest) == '.'
                        && text.regionMatches(true, to - rest + 1, clusterDomain, 0, clusterDomain.length()));
    }

    /** Returns where the next dot is, the end where there is none. */
    private static int indexOfDot(String text, int from, int end) {
        int dot = text.indexOf('.', from);
        return dot < 0 || dot > end ? end : dot;
    }

    private static String lowerCase(String text, int from, int to) {
        return text.substring(from, to).toLowerCase(Locale.ROOT); // the same string where it is in lower case
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
