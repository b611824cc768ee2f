/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.resource;

import dev.xdslb.controlplane.topology.ServicePolicy;
import io.envoyproxy.envoy.config.route.v3.RouteAction.HashPolicy;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What requests are told apart by, as a route says it to those who balance by key. */
final class RequestHash {

    private RequestHash() {}

    /** Returns what gRPC obeys, which is a header alone; null where it cannot balance by the key, or is not to. */
    static @Nullable HashPolicy forGrpc(ServicePolicy policy) {
        String key = policy.requestKey();
        return key != null && (key.startsWith("header:") || key.startsWith("metadata:")) ? header(after(key)) : null;
    }

    /** Returns what Envoy obeys; null where it cannot balance by the key, or is not to. */
    static @Nullable HashPolicy forEnvoy(ServicePolicy policy) {
        return forEnvoy(policy.requestKey());
    }

    /**
     * Returns the same.
     *
     * @param key what tells requests apart, as the policy says it; null for nothing
     */
    static @Nullable HashPolicy forEnvoy(@Nullable String key) {
        if (key == null) {
            return null;
        }
        if (key.equals("path")) {
            return header(":path"); // with the query
        }
        return switch (key.substring(0, key.indexOf(':'))) {
            case "header", "metadata" -> header(after(key));
            case "cookie" ->
                HashPolicy.newBuilder()
                        .setCookie(HashPolicy.Cookie.newBuilder().setName(after(key)))
                        .build();
            default -> null; // a bean
        };
    }

    private static String after(String key) {
        return key.substring(key.indexOf(':') + 1);
    }

    private static HashPolicy header(String name) {
        return HashPolicy.newBuilder()
                .setHeader(HashPolicy.Header.newBuilder().setHeaderName(name.toLowerCase(Locale.ROOT)))
                .build();
    }
}
