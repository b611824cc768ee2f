/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.kubernetes;

import static dev.xdslb.controlplane.kubernetes.GatewayPruning.note;
import static dev.xdslb.controlplane.kubernetes.GatewayPruning.orDefault;
import static dev.xdslb.controlplane.kubernetes.GatewayPruning.orEmpty;
import static dev.xdslb.controlplane.kubernetes.GatewayPruning.orNone;

import dev.xdslb.controlplane.gateway.ObjectReference;
import dev.xdslb.controlplane.gateway.RouteFilter;
import dev.xdslb.controlplane.gateway.RouteObject;
import dev.xdslb.controlplane.gateway.RouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCMethodMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.GRPCRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPCORSFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPHeader;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPHeaderFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPPathMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPPathModifier;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRequestMirrorFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRequestRedirectFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRoute;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteMatch;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRetry;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteRule;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPRouteTimeouts;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.HTTPURLRewriteFilter;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.LocalObjectReference;
import io.fabric8.kubernetes.api.model.gatewayapi.v1.ParentReference;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Keeps of a route of the Gateway API what is needed, with the API's defaults filled in. */
public final class RoutePruning {
    private static final String EXACT = "Exact";
    private static final int PERCENT = 100;

    private RoutePruning() {}

    public static RouteObject prune(HTTPRoute route, String origin) {
        var spec = route.getSpec();
        return new RouteObject(
                RouteObject.Kind.HTTP,
                GatewayPruning.meta(route, origin),
                spec == null ? List.of() : all(spec.getParentRefs(), RoutePruning::parent),
                spec == null ? List.of() : all(spec.getHostnames(), Function.identity()),
                spec == null ? List.of() : all(spec.getRules(), RoutePruning::rule));
    }

    public static RouteObject prune(GRPCRoute route, String origin) {
        var spec = route.getSpec();
        return new RouteObject(
                RouteObject.Kind.GRPC,
                GatewayPruning.meta(route, origin),
                spec == null ? List.of() : all(spec.getParentRefs(), RoutePruning::parent),
                spec == null ? List.of() : all(spec.getHostnames(), Function.identity()),
                spec == null ? List.of() : all(spec.getRules(), RoutePruning::rule));
    }

    private static RouteObject.ParentReference parent(ParentReference parent) {
        return new RouteObject.ParentReference(
                new ObjectReference(
                        orDefault(parent.getGroup(), GatewayPruning.GROUP),
                        orDefault(parent.getKind(), "Gateway"),
                        orEmpty(parent.getNamespace()),
                        orEmpty(parent.getName())),
                orEmpty(parent.getSectionName()),
                parent.getPort());
    }

    private static RouteRule rule(HTTPRouteRule rule) {
        List<String> unsupported = new ArrayList<>();
        note(unsupported, "sessionPersistence", rule.getSessionPersistence());
        note(unsupported, "", rule.getAdditionalProperties());
        HTTPRouteTimeouts timeouts = rule.getTimeouts();
        return new RouteRule(
                orEmpty(rule.getName()),
                all(rule.getMatches(), RoutePruning::match),
                all(rule.getFilters(), RoutePruning::filter),
                all(
                        rule.getBackendRefs(),
                        backend -> new RouteRule.Backend(
                                service(
                                        backend.getGroup(),
                                        backend.getKind(),
                                        backend.getNamespace(),
                                        backend.getName()),
                                backend.getPort(),
                                weight(backend.getWeight()),
                                all(backend.getFilters(), RoutePruning::filter))),
                timeouts == null ? "" : orEmpty(timeouts.getRequest()),
                timeouts == null ? "" : orEmpty(timeouts.getBackendRequest()),
                retry(rule.getRetry()),
                unsupported);
    }

    private static RouteRule rule(GRPCRouteRule rule) {
        List<String> unsupported = new ArrayList<>();
        note(unsupported, "sessionPersistence", rule.getSessionPersistence());
        note(unsupported, "", rule.getAdditionalProperties());
        return new RouteRule(
                orEmpty(rule.getName()),
                all(rule.getMatches(), RoutePruning::match),
                all(rule.getFilters(), RoutePruning::filter),
                all(
                        rule.getBackendRefs(),
                        backend -> new RouteRule.Backend(
                                service(
                                        backend.getGroup(),
                                        backend.getKind(),
                                        backend.getNamespace(),
                                        backend.getName()),
                                backend.getPort(),
                                weight(backend.getWeight()),
                                all(backend.getFilters(), RoutePruning::filter))),
                "",
                "",
                null,
                unsupported);
    }

    private static RouteRule.Match match(HTTPRouteMatch match) {
        HTTPPathMatch path = match.getPath();
        return new RouteRule.Match(
                path == null
                        ? null
                        : new RouteRule.Value(orDefault(path.getType(), "PathPrefix"), orDefault(path.getValue(), "/")),
                orEmpty(match.getMethod()),
                all(match.getHeaders(), header -> named(header.getName(), header.getType(), header.getValue())),
                all(match.getQueryParams(), query -> named(query.getName(), query.getType(), query.getValue())),
                null);
    }

    private static RouteRule.Match match(GRPCRouteMatch match) {
        GRPCMethodMatch method = match.getMethod();
        return new RouteRule.Match(
                null,
                "",
                all(match.getHeaders(), header -> named(header.getName(), header.getType(), header.getValue())),
                List.of(),
                method == null
                        ? null
                        : new RouteRule.Call(
                                orDefault(method.getType(), EXACT),
                                orEmpty(method.getService()),
                                orEmpty(method.getMethod())));
    }

    private static RouteRule.Named named(@Nullable String name, @Nullable String type, @Nullable String value) {
        return new RouteRule.Named(orEmpty(name), new RouteRule.Value(orDefault(type, EXACT), orEmpty(value)));
    }

    private static RouteFilter filter(HTTPRouteFilter filter) {
        String type = orEmpty(filter.getType());
        return switch (type) {
            case "RequestRedirect" -> ofType(type, filter.getRequestRedirect(), RoutePruning::redirect);
            case "URLRewrite" -> ofType(type, filter.getUrlRewrite(), RoutePruning::rewrite);
            case "CORS" -> ofType(type, filter.getCors(), RoutePruning::cors);
            default ->
                filter(
                        type,
                        filter.getRequestHeaderModifier(),
                        filter.getResponseHeaderModifier(),
                        filter.getRequestMirror(),
                        filter.getExtensionRef());
        };
    }

    private static RouteFilter filter(GRPCRouteFilter filter) {
        return filter(
                orEmpty(filter.getType()),
                filter.getRequestHeaderModifier(),
                filter.getResponseHeaderModifier(),
                filter.getRequestMirror(),
                filter.getExtensionRef());
    }

    private static RouteFilter filter(
            String type,
            @Nullable HTTPHeaderFilter request,
            @Nullable HTTPHeaderFilter response,
            @Nullable HTTPRequestMirrorFilter mirror,
            @Nullable LocalObjectReference extension) {
        return switch (type) {
            case "RequestHeaderModifier" ->
                ofType(
                        type,
                        request,
                        field -> new RouteFilter.RequestHeaders(
                                headers(field.getSet()), headers(field.getAdd()), texts(field.getRemove())));
            case "ResponseHeaderModifier" ->
                ofType(
                        type,
                        response,
                        field -> new RouteFilter.ResponseHeaders(
                                headers(field.getSet()), headers(field.getAdd()), texts(field.getRemove())));
            case "RequestMirror" -> ofType(type, mirror, RoutePruning::mirror);
            default ->
                new RouteFilter.Unknown(
                        type,
                        extension == null
                                ? ""
                                : orEmpty(extension.getGroup()) + "/" + orEmpty(extension.getKind()) + " "
                                        + orEmpty(extension.getName()));
        };
    }

    /** A filter of a type without the field that belongs to it is one of which nothing is known. */
    private static <T> RouteFilter ofType(String type, @Nullable T field, Function<T, RouteFilter> filter) {
        return field == null ? new RouteFilter.Unknown(type, "the field of this type is missing") : filter.apply(field);
    }

    private static RouteFilter redirect(HTTPRequestRedirectFilter redirect) {
        return new RouteFilter.Redirect(
                orEmpty(redirect.getScheme()),
                orEmpty(redirect.getHostname()),
                path(redirect.getPath()),
                redirect.getPort(),
                redirect.getStatusCode());
    }

    private static RouteFilter rewrite(HTTPURLRewriteFilter rewrite) {
        return new RouteFilter.Rewrite(orEmpty(rewrite.getHostname()), path(rewrite.getPath()));
    }

    private static RouteFilter mirror(HTTPRequestMirrorFilter mirror) {
        var backend = mirror.getBackendRef();
        var fraction = mirror.getFraction();
        return new RouteFilter.Mirror(
                backend == null
                        ? service(null, null, null, null)
                        : service(backend.getGroup(), backend.getKind(), backend.getNamespace(), backend.getName()),
                backend == null ? null : backend.getPort(),
                fraction == null ? mirror.getPercent() : fraction.getNumerator(),
                fraction == null || fraction.getDenominator() == null ? PERCENT : fraction.getDenominator());
    }

    private static RouteFilter cors(HTTPCORSFilter cors) {
        return new RouteFilter.Cors(
                texts(cors.getAllowOrigins()),
                Boolean.TRUE.equals(cors.getAllowCredentials()),
                texts(cors.getAllowMethods()),
                texts(cors.getAllowHeaders()),
                texts(cors.getExposeHeaders()),
                cors.getMaxAge());
    }

    private static RouteFilter.@Nullable Path path(@Nullable HTTPPathModifier path) {
        if (path == null) {
            return null;
        }
        String type = orEmpty(path.getType());
        return new RouteFilter.Path(
                type,
                orEmpty(type.equals("ReplacePrefixMatch") ? path.getReplacePrefixMatch() : path.getReplaceFullPath()));
    }

    private static RouteRule.@Nullable Retry retry(@Nullable HTTPRouteRetry retry) {
        return retry == null
                ? null
                : new RouteRule.Retry(
                        all(retry.getCodes(), Function.identity()), retry.getAttempts(), orEmpty(retry.getBackoff()));
    }

    private static ObjectReference service(
            @Nullable String group, @Nullable String kind, @Nullable String namespace, @Nullable String name) {
        return new ObjectReference(orEmpty(group), orDefault(kind, "Service"), orEmpty(namespace), orEmpty(name));
    }

    private static int weight(@Nullable Integer weight) {
        return weight == null ? 1 : weight;
    }

    private static List<RouteFilter.Header> headers(@Nullable List<HTTPHeader> headers) {
        return all(headers, header -> new RouteFilter.Header(orEmpty(header.getName()), orEmpty(header.getValue())));
    }

    private static List<String> texts(@Nullable List<String> texts) {
        return all(texts, Function.identity());
    }

    private static <F, T> List<T> all(@Nullable List<F> list, Function<F, T> each) {
        return orNone(list).stream().map(each).toList();
    }
}
