/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import static java.util.Objects.requireNonNull;

import dev.xdslb.endpoint.EndpointKey;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What a strategy may know about the request that it picks an endpoint for. */
public interface RequestAttributes {

    /** A request that nothing is known about. */
    RequestAttributes NONE = new RequestAttributes() {
        @Override
        public @Nullable String header(String name) {
            return null;
        }

        @Override
        public String path() {
            return "";
        }
    };

    /** Returns a request of which one header or gRPC metadata entry is known, as tests and simulations need it. */
    static RequestAttributes ofHeader(String name, String value) {
        requireNonNull(name, "name");
        requireNonNull(value, "value");
        return new RequestAttributes() {
            @Override
            public @Nullable String header(String asked) {
                return asked.equalsIgnoreCase(name) ? value : null;
            }

            @Override
            public String path() {
                return "";
            }
        };
    }

    /**
     * Returns the first value of a header or of a gRPC metadata entry.
     *
     * @param name compared without regard to case
     * @return null where there is none
     */
    @Nullable
    String header(String name);

    /**
     * Returns the value of the first cookie of a name, as it is written. Unless overridden, the cookies are those of the
     * {@code Cookie} header.
     *
     * @param name compared with regard to case
     * @return null where there is none
     */
    default @Nullable String cookie(String name) {
        String cookies = header("cookie");
        return cookies == null ? null : CookieHeader.value(cookies, name);
    }

    /**
     * Returns whether the end of the request will be told, as far as the caller knows. Where it will not, such as where an
     * endpoint is asked for and then used by hand, the request is never the probe of an endpoint that is left out: it would take
     * the turn and tell nothing. True unless overridden.
     */
    default boolean tellsOutcome() {
        return true;
    }

    /**
     * Returns the endpoints that earlier attempts of this very request went to, few and in any order. A pick goes to another one
     * wherever another can be had. None unless overridden.
     */
    default Collection<EndpointKey> tried() {
        return List.of();
    }

    /** Returns the path of an HTTP request or {@code /package.Service/Method}, empty when unknown. */
    String path();
}
