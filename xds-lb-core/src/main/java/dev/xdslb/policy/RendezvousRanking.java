/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.EndpointKey;
import java.nio.charset.StandardCharsets;

/**
 * The order in which one client prefers endpoints: by rendezvous hashing of its own id and the pod's uid (Thaler and Ravishankar, 1998;
 * gRFC A68). Another client has another order. One endpoint more or less moves no other, because the rank of two does not depend on a
 * third. All ports of a pod have the same score: two clusters of one client prefer the same pods.
 */
final class RendezvousRanking {
    private static final long FNV_OFFSET = 0xCBF2_9CE4_8422_2325L;
    private static final long FNV_PRIME = 0x100_0000_01B3L;

    private final long client;

    /**
     * Makes that of one client.
     *
     * @param clientId what no other client has; the same after a restart where the order is to be the same
     */
    RendezvousRanking(String clientId) {
        this.client = hash(clientId);
    }

    /** Returns the score of an endpoint: the higher the better, equal for two of one pod. */
    long score(EndpointKey key) {
        return mix(client + hash(key.podUid().isEmpty() ? key.address() : key.podUid()));
    }

    /** FNV-1a, mixed: names that differ in their last letters only are to differ in all bits. */
    private static long hash(String text) {
        long hash = FNV_OFFSET;
        for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
            hash = (hash ^ (b & 0xFF)) * FNV_PRIME;
        }
        return mix(hash);
    }

    /** As SplitMix64 ends. */
    private static long mix(long value) {
        long hash = (value ^ (value >>> 30)) * 0xBF58_476D_1CE4_E5B9L;
        hash = (hash ^ (hash >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return hash ^ (hash >>> 31);
    }
}
