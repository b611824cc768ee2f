/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ServiceKey;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What becomes of a request that a rule matches. Everything in it can be used as it is.
 *
 * @param broken why requests get an error instead of an answer; null when they do not
 * @param redirect null when requests go to backends
 * @param targets where they go, in the order of the rule
 * @param refusedWeight the share of requests whose backend cannot be used, of the sum with those of the targets
 * @param filters what changes headers, in the order of the rule
 * @param rewrite null when the URL stays
 * @param cors null when browsers are told nothing
 * @param requestTimeout null where the rule says nothing, zero for none
 * @param backendTimeout of one try; the same
 * @param retry null where the rule says nothing
 */
public record RouteAction(
        RouteObject.Kind kind,
        @Nullable String broken,
        RouteFilter.@Nullable Redirect redirect,
        List<Target> targets,
        long refusedWeight,
        List<RouteFilter> filters,
        RouteFilter.@Nullable Rewrite rewrite,
        List<MirrorTarget> mirrors,
        RouteFilter.@Nullable Cors cors,
        @Nullable Duration requestTimeout,
        @Nullable Duration backendTimeout,
        @Nullable Retry retry) {

    public RouteAction {
        requireNonNull(kind, "kind");
        targets = List.copyOf(targets);
        filters = List.copyOf(filters);
        mirrors = List.copyOf(mirrors);
    }

    /** Returns an action that is nothing but an error. */
    static RouteAction broken(RouteObject.Kind kind, String why) {
        return new RouteAction(kind, why, null, List.of(), 0, List.of(), null, List.of(), null, null, null, null);
    }

    /**
     * A port of a service.
     *
     * @param grpc whether pods must be spoken to in HTTP/2 though the Service does not say so
     */
    public record Upstream(ServiceKey service, int port, boolean grpc) {
        public Upstream {
            requireNonNull(service, "service");
        }
    }

    /**
     * Where a share of the requests goes, and what is done with the headers of that share.
     *
     * @param requestKey what tells requests apart that are to go to the same endpoint; null where none are
     */
    public record Target(
            Upstream upstream,
            int weight,
            List<RouteFilter> filters,
            @Nullable String requestKey) {
        public Target {
            requireNonNull(upstream, "upstream");
            filters = List.copyOf(filters);
        }
    }

    /** Where copies of requests go: of {@code denominator} requests, {@code numerator}. */
    public record MirrorTarget(Upstream upstream, int numerator, int denominator) {
        public MirrorTarget {
            requireNonNull(upstream, "upstream");
        }
    }

    /**
     * When to try again.
     *
     * @param attempts null where the rule does not say
     * @param backoff null where the rule does not say
     */
    public record Retry(
            List<Integer> codes,
            @Nullable Integer attempts,
            @Nullable Duration backoff) {
        public Retry {
            codes = List.copyOf(codes);
        }
    }
}
