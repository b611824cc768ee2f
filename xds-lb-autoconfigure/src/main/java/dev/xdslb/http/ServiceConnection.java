/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.http;

import org.jspecify.annotations.Nullable;

/**
 * What is configured for connections to the pods of a service.
 *
 * @param preserveHost whether pods are sent the service's name in the header Host, and not their own address
 * @param authority the name of the service as its pods know it, maybe with a port; null for the host of the request's URI
 */
public record ServiceConnection(
        boolean preserveHost, @Nullable String authority) {
    /** Nothing is configured. */
    public static final ServiceConnection DEFAULT = new ServiceConnection(false, null);

    /** Returns the name that certificates of the service's pods are for, null for the host of the request's URI. */
    public @Nullable String serverName() {
        if (authority == null) {
            return null;
        }
        int port = authority.indexOf(':');
        return port < 0 ? authority : authority.substring(0, port);
    }
}
