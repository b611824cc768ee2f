/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static java.util.Objects.requireNonNull;

/**
 * What identifies an endpoint across snapshots: the pod and the address, never a position in a list. A new pod that was
 * given the address of an old one is another endpoint.
 *
 * @param podUid the uid of the pod, empty where there is no pod
 * @param host the IP address in text form, without brackets
 * @param port the port, 1 to 65535
 */
public record EndpointKey(String podUid, String host, int port) {

    public EndpointKey {
        requireNonNull(podUid, "podUid");
        requireNonNull(host, "host");
        if (host.isEmpty()) {
            throw new IllegalArgumentException("host: empty (expected: an IP address)");
        }
        if (port < 1 || port > 65535) {
            throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
        }
    }

    /** Returns {@code host:port}, with brackets around an IPv6 address. */
    public String address() {
        return host.indexOf(':') < 0 ? host + ':' + port : '[' + host + "]:" + port;
    }
}
