/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

/**
 * What identifies an object within its Kubernetes cluster.
 *
 * @param namespace empty for a kind without one
 */
public record ObjectId(Kind kind, String namespace, String name) {

    /** The kinds of objects that are watched. */
    public enum Kind {
        SERVICE("Service"),
        ENDPOINT_SLICE("EndpointSlice"),
        NODE("Node"),
        POD("Pod"),
        NAMESPACE("Namespace"),
        SECRET("Secret"),
        GATEWAY_CLASS("GatewayClass"),
        GATEWAY("Gateway"),
        HTTP_ROUTE("HTTPRoute"),
        GRPC_ROUTE("GRPCRoute"),
        REFERENCE_GRANT("ReferenceGrant");

        private final String kubernetesName;

        Kind(String kubernetesName) {
            this.kubernetesName = kubernetesName;
        }

        /** Returns the name as manifests have it under {@code kind}. */
        public String kubernetesName() {
            return kubernetesName;
        }
    }

    public ObjectId {
        requireNonNull(kind, "kind");
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
    }

    static ObjectId service(String namespace, String name) {
        return new ObjectId(Kind.SERVICE, namespace, name);
    }

    static ObjectId slice(String namespace, String name) {
        return new ObjectId(Kind.ENDPOINT_SLICE, namespace, name);
    }

    static ObjectId node(String name) {
        return new ObjectId(Kind.NODE, "", name);
    }

    static ObjectId pod(String namespace, String name) {
        return new ObjectId(Kind.POD, namespace, name);
    }

    @Override
    public String toString() {
        return kind.kubernetesName + " " + (namespace.isEmpty() ? name : namespace + "/" + name);
    }
}
