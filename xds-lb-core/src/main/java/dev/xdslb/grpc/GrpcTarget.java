/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.grpc;

import dev.xdslb.cluster.ServiceReference;
import java.net.URI;

/**
 * What a target such as {@code xdslb:///orders.shop:8080} names.
 *
 * @param service the service and its port, if any
 */
record GrpcTarget(ServiceReference service) {
    /** Asks the control plane for the port that gRPC clients use; only a gRPC client may leave the port out like this. */
    private static final String ANY_GRPC_PORT = "?protocol=grpc";

    private static final String EXPECTED = "(expected: " + XdsLbGrpc.SCHEME
            + ":///<service>[.<namespace>][:<port>], such as " + XdsLbGrpc.SCHEME + ":///orders.shop:8080)";

    /**
     * Reads a target.
     *
     * @param defaultNamespace used where the target names none, empty for none
     * @throws IllegalArgumentException when it names no service; the message says what is wrong with it
     */
    static GrpcTarget parse(URI target, String defaultNamespace) {
        String authority = target.getRawAuthority();
        if (authority != null) {
            throw new IllegalArgumentException("gRPC target \"" + target + "\": \"" + authority
                    + "\" stands where the name of a server would, a third slash is missing before it " + EXPECTED);
        }
        String path = target.getPath();
        if (path == null || path.length() < 2) {
            throw new IllegalArgumentException("gRPC target \"" + target + "\": names no service " + EXPECTED);
        }
        try {
            return new GrpcTarget(ServiceReference.parse(path.substring(1)).inNamespace(defaultNamespace));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "gRPC target \"" + target + "\": \"" + path.substring(1) + "\" is not a service " + EXPECTED, e);
        }
    }

    /** Returns the name to ask the control plane for. */
    String resource() {
        return service.port().isEmpty() ? service.resource() + ANY_GRPC_PORT : service.resource();
    }

    /** Returns what calls carry as {@code :authority} and what the server's certificate must be valid for. */
    String authority() {
        return service.authority();
    }
}
