/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import dev.xdslb.controlplane.topology.ObjectId;
import dev.xdslb.controlplane.topology.RoutingObject;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An HTTPRoute or a GRPCRoute, as the object has it: what of it can be used is decided elsewhere. Texts that the object
 * does not have are empty, and lists have no element; where the API names a default, the source fills it in.
 */
public record RouteObject(
        Kind kind, Meta meta, List<ParentReference> parents, List<String> hostnames, List<RouteRule> rules)
        implements RoutingObject {

    /** The kinds of routes that are served. */
    public enum Kind {
        HTTP("HTTPRoute", ObjectId.Kind.HTTP_ROUTE),
        GRPC("GRPCRoute", ObjectId.Kind.GRPC_ROUTE);

        private final String kubernetesName;
        private final ObjectId.Kind objectKind;

        Kind(String kubernetesName, ObjectId.Kind objectKind) {
            this.kubernetesName = kubernetesName;
            this.objectKind = objectKind;
        }

        /** Returns the name as manifests have it under {@code kind}. */
        public String kubernetesName() {
            return kubernetesName;
        }
    }

    public RouteObject {
        requireNonNull(kind, "kind");
        requireNonNull(meta, "meta");
        parents = List.copyOf(parents);
        hostnames = List.copyOf(hostnames);
        rules = List.copyOf(rules);
    }

    @Override
    public ObjectId id() {
        return new ObjectId(kind.objectKind, meta.namespace(), meta.name());
    }

    @Override
    public String origin() {
        return meta.origin();
    }

    /**
     * What it wants to be attached to.
     *
     * @param sectionName the name of a listener; empty for every one
     * @param port null for every one
     */
    public record ParentReference(
            ObjectReference parent,
            String sectionName,
            @Nullable Integer port) {

        public ParentReference {
            requireNonNull(parent, "parent");
            requireNonNull(sectionName, "sectionName");
        }
    }
}
