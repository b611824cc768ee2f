/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A Gateway, as the object has it: what of it can be used is decided by {@code GatewayListeners}. Texts that the object
 * does not have are empty, and lists have no element; where the API names a default, the source fills it in.
 *
 * @param addresses those that {@code spec.addresses} asks for, as {@code type value}
 * @param unsupported fields that are set and known to nobody here, such as {@code spec.infrastructure}
 * @param dualStack whether it listens to IPv6, too; null where it does not say
 */
public record GatewayObject(
        Meta meta,
        String className,
        List<Listener> listeners,
        List<String> addresses,
        List<String> unsupported,
        @Nullable Boolean dualStack)
        implements RoutingObject {

    /** Creates one that does not say to what it listens. */
    public GatewayObject(
            Meta meta, String className, List<Listener> listeners, List<String> addresses, List<String> unsupported) {
        this(meta, className, listeners, addresses, unsupported, null);
    }

    public GatewayObject {
        requireNonNull(meta, "meta");
        requireNonNull(className, "className");
        listeners = List.copyOf(listeners);
        addresses = List.copyOf(addresses);
        unsupported = List.copyOf(unsupported);
    }

    @Override
    public ObjectId id() {
        return new ObjectId(ObjectId.Kind.GATEWAY, meta.namespace(), meta.name());
    }

    @Override
    public String origin() {
        return meta.origin();
    }

    /**
     * One of its listeners.
     *
     * @param hostname empty for every one
     * @param tls null where there is none
     */
    public record Listener(
            String name,
            String hostname,
            int port,
            String protocol,
            @Nullable Tls tls,
            AllowedRoutes allowed) {

        public Listener {
            requireNonNull(name, "name");
            requireNonNull(hostname, "hostname");
            requireNonNull(protocol, "protocol");
            requireNonNull(allowed, "allowed");
        }
    }

    /**
     * How TLS ends.
     *
     * @param mode {@code Terminate}, the default, or {@code Passthrough}
     * @param unsupported fields that are set and known to nobody here, such as {@code frontendValidation}
     */
    public record Tls(String mode, List<ObjectReference> certificates, List<String> unsupported) {

        public Tls {
            requireNonNull(mode, "mode");
            certificates = List.copyOf(certificates);
            unsupported = List.copyOf(unsupported);
        }
    }

    /**
     * Which routes may attach themselves.
     *
     * @param from {@code Same}, the default, {@code All} or {@code Selector}
     * @param selector null where there is none
     * @param kinds empty for all that go with the protocol
     */
    public record AllowedRoutes(String from, @Nullable Selector selector, List<RouteKind> kinds) {

        /** What a listener allows that does not say. */
        public static final AllowedRoutes SAME_NAMESPACE = new AllowedRoutes("Same", null, List.of());

        public AllowedRoutes {
            requireNonNull(from, "from");
            kinds = List.copyOf(kinds);
        }
    }

    /** A kind of routes; the group is {@code gateway.networking.k8s.io} where the object does not say. */
    public record RouteKind(String group, String kind) {

        public RouteKind {
            requireNonNull(group, "group");
            requireNonNull(kind, "kind");
        }
    }

    /** A selector of labels, as Kubernetes has it. */
    public record Selector(Map<String, String> labels, List<Requirement> requirements) {

        public Selector {
            labels = Map.copyOf(labels);
            requirements = List.copyOf(requirements);
        }
    }

    /**
     * One of {@code matchExpressions}.
     *
     * @param operator {@code In}, {@code NotIn}, {@code Exists} or {@code DoesNotExist}
     */
    public record Requirement(String key, String operator, List<String> values) {

        public Requirement {
            requireNonNull(key, "key");
            requireNonNull(operator, "operator");
            values = List.copyOf(values);
        }
    }
}
