/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.ads;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * Everything about a subscriber that an answer may depend on. Two subscribers with equal variants get equal bytes.
 *
 * @param family what kind of client it is
 * @param namespace the client's own namespace, which completes names that have none; empty when unknown
 * @param place where it runs, as it says itself, or as its pod says
 * @param pod the name of the pod that it runs in; empty when unknown
 * @param service the service whose pods it says are its fellows, as in a name of a resource; empty where it leaves that open
 * @param gateway the Gateway whose listeners it is to open, {@code <namespace>/<name>}; empty for a client that opens none
 * @param certifiedNames the URIs and DNS names of the certificate that it has shown; none without one
 * @param takesParts whether the client takes the parts of a resource as resources of their own ({@link ResourceType#parts})
 */
public record ClientVariant(
        Family family,
        String namespace,
        ClientPlace place,
        String pod,
        String service,
        String gateway,
        Set<String> certifiedNames,
        boolean takesParts) {

    /** Kinds of clients, as far as they have to be answered differently. */
    public enum Family {
        /** Our own client ({@code user_agent_name: "xds-lb"}): sees endpoints that are not ready, as UNHEALTHY. */
        XDS_LB,
        /** Envoy ({@code user_agent_name: "envoy"}): takes an empty answer for a name that does not exist. */
        ENVOY,
        /** Proxyless gRPC of any language, and whatever else speaks xDS. */
        GRPC
    }

    public ClientVariant {
        requireNonNull(family, "family");
        requireNonNull(namespace, "namespace");
        requireNonNull(place, "place");
        requireNonNull(pod, "pod");
        requireNonNull(service, "service");
        requireNonNull(gateway, "gateway");
        certifiedNames = Set.copyOf(certifiedNames);
    }

    /** Returns the variant of a client that names no service as its own and takes every resource whole. */
    public ClientVariant(
            Family family,
            String namespace,
            ClientPlace place,
            String pod,
            String gateway,
            Set<String> certifiedNames) {
        this(family, namespace, place, pod, "", gateway, certifiedNames, false);
    }

    /** Returns the variant of a client that has shown no certificate. */
    public ClientVariant(Family family, String namespace, ClientPlace place, String pod, String gateway) {
        this(family, namespace, place, pod, gateway, Set.of());
    }

    /** Returns the variant of a client that opens no listeners. */
    public ClientVariant(Family family, String namespace, ClientPlace place, String pod) {
        this(family, namespace, place, pod, "");
    }

    /** Returns the variant of a client whose pod is unknown. */
    public ClientVariant(Family family, String namespace, ClientPlace place) {
        this(family, namespace, place, "");
    }

    /** Returns the variant of a client that nobody knows where to find. */
    public ClientVariant(Family family, String namespace) {
        this(family, namespace, ClientPlace.UNKNOWN);
    }

    /** Returns the variant of the same client at another place. */
    ClientVariant at(ClientPlace newPlace) {
        return new ClientVariant(family, namespace, newPlace, pod, service, gateway, certifiedNames, takesParts);
    }

    /** Returns the variant of the same client where every resource is whole. */
    ClientVariant withoutParts() {
        return new ClientVariant(family, namespace, place, pod, service, gateway, certifiedNames, false);
    }

    /** Returns the variant of the same client, which says that it belongs to this service. */
    public ClientVariant ofService(String newService) {
        return new ClientVariant(family, namespace, place, pod, newService, gateway, certifiedNames, takesParts);
    }
}
