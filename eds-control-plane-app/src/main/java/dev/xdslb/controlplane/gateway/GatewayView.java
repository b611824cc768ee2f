/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.gateway;

import static java.util.Objects.requireNonNull;

import java.util.List;

/** A Gateway as it is served: what Envoy is to listen to, and where requests go. Immutable. */
public record GatewayView(GatewayKey key, List<PortView> ports) {

    public GatewayView {
        requireNonNull(key, "key");
        ports = List.copyOf(ports);
    }

    List<Integer> portNumbers() {
        return ports.stream().map(PortView::number).toList();
    }

    /**
     * A port that something listens to.
     *
     * @param tls whether TLS ends there
     * @param held whether nothing is to be said of it, as none of its certificates could be read yet
     * @param dualStack whether it is one of IPv6, too
     * @param sections without TLS there is one; with TLS one per listener of the Gateway
     */
    public record PortView(int number, boolean tls, boolean held, boolean dualStack, List<Section> sections) {
        public PortView {
            sections = List.copyOf(sections);
        }
    }

    /**
     * What has routes of its own.
     *
     * @param name of the listener with TLS; empty without
     * @param hostname of the connections that are meant, by SNI; empty for all others, and without TLS
     * @param certificates with TLS, at least one
     * @param hosts sorted by domain; a host that is the same as before is the same object
     */
    public record Section(String name, String hostname, List<CertificateReference> certificates, List<HostView> hosts) {
        public Section {
            requireNonNull(name, "name");
            requireNonNull(hostname, "hostname");
            certificates = List.copyOf(certificates);
            hosts = List.copyOf(hosts);
        }
    }

    /** A Secret with a certificate. */
    public record CertificateReference(String namespace, String name) {
        public CertificateReference {
            requireNonNull(namespace, "namespace");
            requireNonNull(name, "name");
        }

        @Override
        public String toString() {
            return namespace + "/" + name;
        }
    }

    /**
     * The routes of a host.
     *
     * @param domain a name, {@code *.} and the end of names, or {@code *}
     * @param misdirected whether requests for it belong to another connection (421)
     * @param entries in the order in which they are tried
     */
    public record HostView(String domain, boolean misdirected, List<RouteEntry> entries) {
        public HostView {
            requireNonNull(domain, "domain");
            entries = List.copyOf(entries);
        }
    }
}
