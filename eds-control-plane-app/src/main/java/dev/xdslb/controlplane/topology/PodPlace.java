/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;
import java.util.List;

/**
 * Where a pod runs, and which services it belongs to. Immutable; equal places need no announcement.
 *
 * @param cluster the Kubernetes cluster that it is in
 * @param node the Node that it is on, empty when unknown
 * @param region empty when unknown
 * @param zone empty when unknown
 * @param addresses IP addresses in their canonical form
 * @param hostNetwork whether the addresses are those of its node, which other pods may have too
 * @param services those that have it among their endpoints, ready or not, sorted
 */
public record PodPlace(
        PodKey pod,
        KubernetesClusterName cluster,
        String node,
        String region,
        String zone,
        List<String> addresses,
        boolean hostNetwork,
        List<Membership> services) {

    public PodPlace {
        requireNonNull(pod, "pod");
        requireNonNull(cluster, "cluster");
        requireNonNull(node, "node");
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
        addresses = List.copyOf(addresses);
        services = List.copyOf(services);
    }

    /**
     * A service that a pod belongs to.
     *
     * @param port the number of the service's first port: the endpoints of any port are the pods of the service
     */
    public record Membership(ServiceKey service, int port) {

        static final Comparator<Membership> BY_SERVICE = Comparator.comparing(Membership::service);

        public Membership {
            requireNonNull(service, "service");
        }
    }
}
