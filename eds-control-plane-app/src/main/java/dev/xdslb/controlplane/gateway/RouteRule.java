/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One rule of a route.
 *
 * @param name empty where it has none
 * @param matches none for every request
 * @param requestTimeout a duration as Kubernetes writes it; empty where there is none
 * @param backendTimeout the same for one try
 * @param retry null where the rule says nothing of it
 * @param unsupported fields that are set and known to nobody here, such as {@code sessionPersistence}
 */
public record RouteRule(
        String name,
        List<Match> matches,
        List<RouteFilter> filters,
        List<Backend> backends,
        String requestTimeout,
        String backendTimeout,
        @Nullable Retry retry,
        List<String> unsupported) {

    public RouteRule {
        requireNonNull(name, "name");
        matches = List.copyOf(matches);
        filters = List.copyOf(filters);
        backends = List.copyOf(backends);
        requireNonNull(requestTimeout, "requestTimeout");
        requireNonNull(backendTimeout, "backendTimeout");
        unsupported = List.copyOf(unsupported);
    }

    /**
     * What a request must be like.
     *
     * @param path of an HTTPRoute; null where the match says nothing of it
     * @param method the HTTP method, of an HTTPRoute; empty for every one
     * @param query of an HTTPRoute
     * @param call what is called, of a GRPCRoute; null for everything
     */
    public record Match(
            @Nullable Value path,
            String method,
            List<Named> headers,
            List<Named> query,
            @Nullable Call call) {

        public Match {
            requireNonNull(method, "method");
            headers = List.copyOf(headers);
            query = List.copyOf(query);
        }
    }

    /**
     * A text to compare with.
     *
     * @param type {@code Exact}, {@code RegularExpression}, for a path also {@code PathPrefix}
     */
    public record Value(String type, String value) {

        public Value {
            requireNonNull(type, "type");
            requireNonNull(value, "value");
        }
    }

    /** The value that a header or query parameter of this name must have. */
    public record Named(String name, Value value) {

        public Named {
            requireNonNull(name, "name");
            requireNonNull(value, "value");
        }
    }

    /**
     * The gRPC method.
     *
     * @param type {@code Exact} or {@code RegularExpression}
     * @param service empty for every one
     * @param method empty for every one
     */
    public record Call(String type, String service, String method) {

        public Call {
            requireNonNull(type, "type");
            requireNonNull(service, "service");
            requireNonNull(method, "method");
        }

        /** Returns the expression for the path of the call, {@code /<service>/<method>}, as Envoy gets it. */
        public String expression() {
            return "/" + part(service) + "/" + part(method);
        }

        /** What is exact has no character of a regular expression but the dot. */
        private String part(String text) {
            if (text.isEmpty()) {
                return "[^/]+";
            }
            return type.equals("Exact") ? text.replace(".", "\\.") : "(?:" + text + ")";
        }
    }

    /**
     * Where requests go.
     *
     * @param port null where the object has none
     * @param weight as it is there, 1 where there is none
     */
    public record Backend(ObjectReference service, @Nullable Integer port, int weight, List<RouteFilter> filters) {

        public Backend {
            requireNonNull(service, "service");
            filters = List.copyOf(filters);
        }
    }

    /**
     * When to try again.
     *
     * @param codes HTTP statuses
     * @param attempts null where the object does not say
     * @param backoff a duration as Kubernetes writes it; empty where there is none
     */
    public record Retry(List<Integer> codes, @Nullable Integer attempts, String backoff) {

        public Retry {
            codes = List.copyOf(codes);
            requireNonNull(backoff, "backoff");
        }
    }
}
