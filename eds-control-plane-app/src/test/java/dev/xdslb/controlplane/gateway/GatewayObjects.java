/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import dev.xdslb.controlplane.gateway.GatewayObject.AllowedRoutes;
import dev.xdslb.controlplane.gateway.GatewayObject.Listener;
import dev.xdslb.controlplane.gateway.GatewayObject.Tls;
import dev.xdslb.controlplane.gateway.RouteObject.ParentReference;
import dev.xdslb.controlplane.gateway.RouteRule.Backend;
import dev.xdslb.controlplane.gateway.RouteRule.Match;
import dev.xdslb.controlplane.gateway.RouteRule.Named;
import dev.xdslb.controlplane.gateway.RouteRule.Value;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Short ways to write objects of the Gateway API, in the namespace shop. */
public final class GatewayObjects {
    public static final GatewayKey EDGE = new GatewayKey("shop", "edge");

    private static final Instant BEGINNING = Instant.parse("2026-01-01T00:00:00Z");

    private GatewayObjects() {}

    public static GatewayClassObject ours() {
        return new GatewayClassObject(meta("", "xdslb"), ObjectStatus.CONTROLLER, "");
    }

    public static Meta meta(String namespace, String name) {
        return new Meta(namespace, name, 1, BEGINNING, List.of(), "");
    }

    public static GatewayObject gateway(Listener... listeners) {
        return new GatewayObject(meta("shop", "edge"), "xdslb", List.of(listeners), List.of(), List.of());
    }

    public static Listener http(String name, int port) {
        return http(name, port, "");
    }

    public static Listener http(String name, int port, String hostname) {
        return new Listener(name, hostname, port, "HTTP", null, AllowedRoutes.SAME_NAMESPACE);
    }

    public static Listener https(String name, int port, String hostname, String... secrets) {
        List<ObjectReference> certificates = new ArrayList<>();
        for (String secret : secrets) {
            certificates.add(new ObjectReference("", "Secret", "", secret));
        }
        return new Listener(
                name,
                hostname,
                port,
                "HTTPS",
                new Tls("Terminate", certificates, List.of()),
                AllowedRoutes.SAME_NAMESPACE);
    }

    public static Listener allowing(Listener listener, AllowedRoutes allowed) {
        return new Listener(
                listener.name(), listener.hostname(), listener.port(), listener.protocol(), listener.tls(), allowed);
    }

    public static ParentReference parent(String name) {
        return parent("", name, "", null);
    }

    public static ParentReference parent(String namespace, String name, String section, @Nullable Integer port) {
        return new ParentReference(
                new ObjectReference("gateway.networking.k8s.io", "Gateway", namespace, name), section, port);
    }

    public static Route route(String name) {
        return new Route(RouteObject.Kind.HTTP, "shop", name);
    }

    public static Route grpcRoute(String name) {
        return new Route(RouteObject.Kind.GRPC, "shop", name);
    }

    public static Rule rule() {
        return new Rule();
    }

    public static Backend backend(String service, int port, int weight, RouteFilter... filters) {
        return new Backend(new ObjectReference("", "Service", "", service), port, weight, List.of(filters));
    }

    /** A route to the Gateway edge, until it is told otherwise; the n-th minute after the beginning is its age. */
    public static final class Route {
        private final RouteObject.Kind kind;
        private String namespace;
        private final String name;
        private int minute;
        private final List<ParentReference> parents = new ArrayList<>();
        private final List<String> hostnames = new ArrayList<>();
        private final List<RouteRule> rules = new ArrayList<>();

        private Route(RouteObject.Kind kind, String namespace, String name) {
            this.kind = kind;
            this.namespace = namespace;
            this.name = name;
        }

        public Route in(String otherNamespace) {
            namespace = otherNamespace;
            return this;
        }

        public Route minute(int later) {
            minute = later;
            return this;
        }

        public Route to(ParentReference parent) {
            parents.add(parent);
            return this;
        }

        public Route host(String... names) {
            hostnames.addAll(List.of(names));
            return this;
        }

        public Route with(Rule rule) {
            rules.add(rule.build());
            return this;
        }

        public RouteObject build() {
            Meta meta = new Meta(namespace, name, 1, BEGINNING.plusSeconds(60L * minute), List.of(), "");
            return new RouteObject(kind, meta, parents.isEmpty() ? List.of(parent("edge")) : parents, hostnames, rules);
        }
    }

    /** A rule for everything, until it is told otherwise. */
    public static final class Rule {
        private final List<Match> matches = new ArrayList<>();
        private final List<RouteFilter> filters = new ArrayList<>();
        private final List<Backend> backends = new ArrayList<>();
        private final List<String> unsupported = new ArrayList<>();
        private String requestTimeout = "";
        private String backendTimeout = "";
        private RouteRule.@Nullable Retry retry;

        public Rule path(String type, String value) {
            return match(new Match(new Value(type, value), "", List.of(), List.of(), null));
        }

        public Rule prefix(String value) {
            return path("PathPrefix", value);
        }

        public Rule match(Match match) {
            matches.add(match);
            return this;
        }

        public Rule method(String method) {
            return match(new Match(null, method, List.of(), List.of(), null));
        }

        public Rule headers(String... namesAndValues) {
            return match(new Match(null, "", named(namesAndValues), List.of(), null));
        }

        public Rule query(String... namesAndValues) {
            return match(new Match(null, "", List.of(), named(namesAndValues), null));
        }

        public Rule call(String type, String service, String method) {
            return match(new Match(null, "", List.of(), List.of(), new RouteRule.Call(type, service, method)));
        }

        public Rule filter(RouteFilter filter) {
            filters.add(filter);
            return this;
        }

        public Rule to(String service, int port) {
            return to(backend(service, port, 1));
        }

        public Rule to(Backend backend) {
            backends.add(backend);
            return this;
        }

        public Rule timeouts(String request, String backend) {
            requestTimeout = request;
            backendTimeout = backend;
            return this;
        }

        public Rule retry(List<Integer> codes, @Nullable Integer attempts, String backoff) {
            retry = new RouteRule.Retry(codes, attempts, backoff);
            return this;
        }

        public Rule unsupported(String field) {
            unsupported.add(field);
            return this;
        }

        private RouteRule build() {
            return new RouteRule("", matches, filters, backends, requestTimeout, backendTimeout, retry, unsupported);
        }
    }

    public static List<Named> named(String... namesAndValues) {
        List<Named> named = new ArrayList<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            named.add(new Named(namesAndValues[i], new Value("Exact", namesAndValues[i + 1])));
        }
        return named;
    }
}
