/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One address and port of a service's port.
 *
 * @param address an IP address in its canonical form
 * @param region empty when unknown
 * @param zone empty when unknown
 * @param node the Node that it is on, empty when unknown
 * @param podName empty when there is no pod
 * @param podUid empty when there is no pod
 * @param weight at least 1
 * @param shard empty for none
 * @param readySince null when unknown
 * @param labels those of the pod that travel to the clients, sorted
 */
public record EndpointView(
        KubernetesClusterName cluster,
        String address,
        int port,
        Health health,
        String region,
        String zone,
        String node,
        String podName,
        String podUid,
        int weight,
        String shard,
        @Nullable Instant readySince,
        Map<String, String> labels) {

    static final Comparator<EndpointView> BY_ADDRESS =
            Comparator.comparing(EndpointView::address).thenComparingInt(EndpointView::port);

    /** What a client may do with an endpoint, the best first. */
    public enum Health {
        /** Gets requests. */
        READY,
        /** Exists and counts as capacity, gets no requests. */
        NOT_READY,
        /** Is shutting down, and still answers: keeps its requests, gets no new ones. */
        DRAINING,
        /** Is shutting down, and does not answer any more. */
        STOPPING
    }

    public EndpointView {
        requireNonNull(cluster, "cluster");
        requireNonNull(address, "address");
        requireNonNull(health, "health");
        requireNonNull(region, "region");
        requireNonNull(zone, "zone");
        requireNonNull(node, "node");
        requireNonNull(podName, "podName");
        requireNonNull(podUid, "podUid");
        requireNonNull(shard, "shard");
        requireNonNull(labels, "labels");
    }

    /** Returns an endpoint whose Node is unknown. */
    public EndpointView(
            KubernetesClusterName cluster,
            String address,
            int port,
            Health health,
            String region,
            String zone,
            String podName,
            String podUid,
            int weight,
            String shard,
            @Nullable Instant readySince,
            Map<String, String> labels) {
        this(cluster, address, port, health, region, zone, "", podName, podUid, weight, shard, readySince, labels);
    }

    /** Returns the zone that it is in, of which nothing may be known. */
    public ZoneKey zoneKey() {
        return new ZoneKey(region, zone);
    }

    /** Returns whether it is on this Node of this Kubernetes cluster. */
    public boolean isOn(String clusterName, String nodeName) {
        return node.equals(nodeName) && cluster.value().equals(clusterName);
    }

    EndpointView withHealth(Health other) {
        return new EndpointView(
                cluster, address, port, other, region, zone, node, podName, podUid, weight, shard, readySince, labels);
    }

    /** Where nothing is ready, kube-proxy uses what still answers while it shuts down; so do we. */
    static List<EndpointView> drainingAsLastResort(List<EndpointView> endpoints) {
        if (endpoints.stream().anyMatch(endpoint -> endpoint.health() == Health.READY)) {
            return endpoints;
        }
        return endpoints.stream()
                .map(endpoint -> endpoint.health() == Health.DRAINING ? endpoint.withHealth(Health.READY) : endpoint)
                .toList();
    }
}
