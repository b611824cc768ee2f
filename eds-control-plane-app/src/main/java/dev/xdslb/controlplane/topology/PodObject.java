/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.controlplane.topology;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A Pod.
 *
 * @param weight its share of the requests relative to the other pods', 1 to {@link #MAX_WEIGHT}
 * @param shard empty for none
 * @param readySince since when it has been ready, as its kubelet says; null while it is not
 * @param unheardSince since when Kubernetes takes it for not ready because nothing is heard of its kubelet, which last said
 *     that it is ready; null otherwise
 * @param labels only those that travel to the clients
 * @param location where it runs
 * @param problem what is wrong with its annotations, for people; empty when nothing is
 */
public record PodObject(
        String namespace,
        String name,
        String uid,
        int weight,
        String shard,
        @Nullable Instant readySince,
        @Nullable Instant unheardSince,
        Map<String, String> labels,
        Location location,
        String problem,
        String origin)
        implements TopologyObject {

    /** With it, the weights of 400,000 endpoints still sum up to less than 2^32, which is what xDS allows. */
    public static final int MAX_WEIGHT = 10_000;

    public PodObject {
        requireNonNull(namespace, "namespace");
        requireNonNull(name, "name");
        requireNonNull(uid, "uid");
        requireNonNull(shard, "shard");
        requireNonNull(location, "location");
        requireNonNull(problem, "problem");
        requireNonNull(origin, "origin");
        if (weight < 1 || weight > MAX_WEIGHT) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: 1 to " + MAX_WEIGHT + ")");
        }
        labels = Collections.unmodifiableMap(new TreeMap<>(labels));
    }

    /** Returns a pod of which nothing is known but what its kubelet says. */
    public PodObject(
            String namespace,
            String name,
            String uid,
            int weight,
            String shard,
            @Nullable Instant readySince,
            Map<String, String> labels,
            Location location,
            String problem,
            String origin) {
        this(namespace, name, uid, weight, shard, readySince, null, labels, location, problem, origin);
    }

    @Override
    public ObjectId id() {
        return ObjectId.pod(namespace, name);
    }

    PodKey key() {
        return new PodKey(namespace, name);
    }

    /**
     * Where a pod runs.
     *
     * @param nodeName empty before it is scheduled
     * @param region what its own labels say, empty for nothing
     * @param zone what its own labels say, empty for nothing
     * @param addresses IP addresses in their canonical form; none before it has one, and after it has ended
     * @param hostNetwork whether the addresses are those of its node
     */
    public record Location(String nodeName, String region, String zone, List<String> addresses, boolean hostNetwork) {

        public static final Location UNKNOWN = new Location("", "", "", List.of(), false);

        public Location {
            requireNonNull(nodeName, "nodeName");
            requireNonNull(region, "region");
            requireNonNull(zone, "zone");
            addresses = List.copyOf(addresses);
        }
    }
}
