/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** What is done with the requests of a rule, or with those that go to one backend. */
public sealed interface RouteFilter {

    /** A header with its value. */
    record Header(String name, String value) {
        public Header {
            requireNonNull(name, "name");
            requireNonNull(value, "value");
        }
    }

    /** {@code requestHeaderModifier}. */
    record RequestHeaders(List<Header> set, List<Header> add, List<String> remove) implements RouteFilter {
        public RequestHeaders {
            set = List.copyOf(set);
            add = List.copyOf(add);
            remove = List.copyOf(remove);
        }
    }

    /** {@code responseHeaderModifier}. */
    record ResponseHeaders(List<Header> set, List<Header> add, List<String> remove) implements RouteFilter {
        public ResponseHeaders {
            set = List.copyOf(set);
            add = List.copyOf(add);
            remove = List.copyOf(remove);
        }
    }

    /**
     * What becomes of a path.
     *
     * @param type {@code ReplaceFullPath} or {@code ReplacePrefixMatch}
     * @param value of the field that belongs to the type
     */
    record Path(String type, String value) {
        public Path {
            requireNonNull(type, "type");
            requireNonNull(value, "value");
        }
    }

    /**
     * {@code requestRedirect}.
     *
     * @param scheme empty for the request's
     * @param hostname empty for the request's
     * @param path null for the request's
     * @param port null where the object has none
     * @param status null where the object has none: 302
     */
    record Redirect(
            String scheme,
            String hostname,
            @Nullable Path path,
            @Nullable Integer port,
            @Nullable Integer status) implements RouteFilter {
        public Redirect {
            requireNonNull(scheme, "scheme");
            requireNonNull(hostname, "hostname");
        }
    }

    /**
     * {@code urlRewrite}.
     *
     * @param hostname empty for the request's
     * @param path null for the request's
     */
    record Rewrite(String hostname, @Nullable Path path) implements RouteFilter {
        public Rewrite {
            requireNonNull(hostname, "hostname");
        }
    }

    /**
     * {@code requestMirror}: of all requests, this share.
     *
     * @param port null where the object has none
     * @param numerator {@code percent} is the one of 100; null for all
     * @param denominator 100 where the object does not say
     */
    record Mirror(
            ObjectReference service,
            @Nullable Integer port,
            @Nullable Integer numerator,
            int denominator) implements RouteFilter {
        public Mirror {
            requireNonNull(service, "service");
        }
    }

    /**
     * {@code cors}.
     *
     * @param maxAge in seconds; null where the object has none
     */
    record Cors(
            List<String> allowOrigins,
            boolean allowCredentials,
            List<String> allowMethods,
            List<String> allowHeaders,
            List<String> exposeHeaders,
            @Nullable Integer maxAge)
            implements RouteFilter {
        public Cors {
            allowOrigins = List.copyOf(allowOrigins);
            allowMethods = List.copyOf(allowMethods);
            allowHeaders = List.copyOf(allowHeaders);
            exposeHeaders = List.copyOf(exposeHeaders);
        }
    }

    /**
     * What is not known here: an {@code extensionRef}, or a type that is newer.
     *
     * @param type as the object has it
     * @param detail what it refers to, for people; may be empty
     */
    record Unknown(String type, String detail) implements RouteFilter {
        public Unknown {
            requireNonNull(type, "type");
            requireNonNull(detail, "detail");
        }
    }
}
