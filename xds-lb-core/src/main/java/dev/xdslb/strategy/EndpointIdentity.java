/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Pool;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * By what endpoints are told apart when keys are mapped to them: the name of the pod and the port, so that the pods of a
 * StatefulSet have the same keys after a restart; the address where there is no pod. Every client comes to the same result.
 */
final class EndpointIdentity {
    private EndpointIdentity() {}

    /** Returns the hashes of a pool's endpoints, in its order. */
    static long[] hashes(Pool pool) {
        long[] hashes = new long[pool.size()];
        for (int i = 0; i < hashes.length; i++) {
            Endpoint endpoint = pool.get(i).endpoint();
            hashes[i] = endpoint.podName().isEmpty() ? ofAddress(endpoint) : ofPod(endpoint);
        }
        Set<Long> ambiguous = repeated(hashes);
        for (int i = 0; i < hashes.length && !ambiguous.isEmpty(); i++) {
            if (ambiguous.contains(hashes[i])) {
                hashes[i] = ofAddress(pool.get(i).endpoint());
            }
        }
        return hashes;
    }

    private static long ofPod(Endpoint endpoint) {
        return hash(endpoint.podName(), endpoint.key().port());
    }

    private static long ofAddress(Endpoint endpoint) {
        return hash(endpoint.key().host(), endpoint.key().port());
    }

    private static long hash(String name, int port) {
        return Hash64.mix(Hash64.of(name) + port);
    }

    /** Pods of one name can be in two Kubernetes clusters, and one pod can have two addresses. */
    private static Set<Long> repeated(long[] hashes) {
        long[] sorted = hashes.clone();
        Arrays.sort(sorted);
        Set<Long> repeated = new HashSet<>();
        for (int i = 1; i < sorted.length; i++) {
            if (sorted[i] == sorted[i - 1]) {
                repeated.add(sorted[i]);
            }
        }
        return repeated;
    }
}
