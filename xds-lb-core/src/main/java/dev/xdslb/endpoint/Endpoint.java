/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.endpoint;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One address and port of a pod, as the control plane describes it.
 *
 * @param key what identifies it across snapshots
 * @param locality where it runs
 * @param priority 0 is used first; a higher number only when the lower ones cannot take the load
 * @param weight its share of the requests relative to the other endpoints', at least 1
 * @param health whether it is ready
 * @param podName the name of its pod, empty where there is no pod
 * @param readySince when its pod became ready, null when unknown
 * @param shard the shard that its pod serves, empty for none
 * @param labels the labels of its pod that the control plane passes on
 */
public record Endpoint(
        EndpointKey key,
        Locality locality,
        int priority,
        int weight,
        EndpointHealth health,
        String podName,
        @Nullable Instant readySince,
        String shard,
        Map<String, String> labels) {

    public Endpoint {
        requireNonNull(key, "key");
        requireNonNull(locality, "locality");
        requireNonNull(health, "health");
        requireNonNull(podName, "podName");
        requireNonNull(shard, "shard");
        labels = Map.copyOf(labels);
        if (priority < 0) {
            throw new IllegalArgumentException("priority: " + priority + " (expected: >= 0)");
        }
        if (weight < 1) {
            throw new IllegalArgumentException("weight: " + weight + " (expected: >= 1)");
        }
    }

    /** Starts a healthy endpoint of weight 1 and priority 0 at this address, with nothing else known. */
    public static Builder builder(String host, int port) {
        return new Builder(host, port);
    }

    /** Returns {@code host:port}, with brackets around an IPv6 address. */
    public String address() {
        return key.address();
    }

    /** Collects what is known about an endpoint. Not thread-safe. */
    public static final class Builder {
        private final String host;
        private final int port;
        private Locality locality = Locality.UNKNOWN;
        private int priority;
        private int weight = 1;
        private EndpointHealth health = EndpointHealth.HEALTHY;
        private String podName = "";
        private String podUid = "";
        private @Nullable Instant readySince;
        private String shard = "";
        private Map<String, String> labels = Map.of();

        private Builder(String host, int port) {
            this.host = host;
            this.port = port;
        }

        public Builder locality(Locality locality) {
            this.locality = locality;
            return this;
        }

        public Builder priority(int priority) {
            this.priority = priority;
            return this;
        }

        public Builder weight(int weight) {
            this.weight = weight;
            return this;
        }

        public Builder health(EndpointHealth health) {
            this.health = health;
            return this;
        }

        public Builder pod(String name, String uid) {
            this.podName = name;
            this.podUid = uid;
            return this;
        }

        public Builder readySince(@Nullable Instant readySince) {
            this.readySince = readySince;
            return this;
        }

        public Builder shard(String shard) {
            this.shard = shard;
            return this;
        }

        public Builder labels(Map<String, String> labels) {
            this.labels = labels;
            return this;
        }

        /**
         * Builds the endpoint.
         *
         * @throws IllegalArgumentException when a value is out of its range; the message names it
         */
        public Endpoint build() {
            return new Endpoint(
                    new EndpointKey(podUid, host, port),
                    locality,
                    priority,
                    weight,
                    health,
                    podName,
                    readySince,
                    shard,
                    labels);
        }
    }
}
