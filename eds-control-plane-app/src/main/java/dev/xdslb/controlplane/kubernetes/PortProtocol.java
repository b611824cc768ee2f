/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which ports of Services speak HTTP/2 without TLS. Where {@code appProtocol} is set, it alone decides. Otherwise the name of the port does, up
 * to its first dash, as Istio has it.
 *
 * <p>Sources: KEP-3726 ({@code kubernetes.io/h2c}), Istio's protocol selection ({@code grpc}, {@code http2}).
 */
final class PortProtocol {
    private static final Set<String> HTTP2_APP_PROTOCOLS = Set.of("kubernetes.io/h2c", "h2c", "http2", "grpc");

    private static final Set<String> HTTP2_NAMES = Set.of("grpc", "http2", "h2c");

    /** Of GKE's load balancers, with capital letters: HTTP/2, and over TLS. */
    private static final String HTTP2_OVER_TLS = "HTTP2";

    private PortProtocol() {}

    static boolean isHttp2(String portName, @Nullable String appProtocol) {
        if (appProtocol != null) {
            return !appProtocol.equals(HTTP2_OVER_TLS)
                    && HTTP2_APP_PROTOCOLS.contains(appProtocol.toLowerCase(Locale.ROOT));
        }
        int dash = portName.indexOf('-');
        return HTTP2_NAMES.contains(dash < 0 ? portName : portName.substring(0, dash));
    }
}
