/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import dev.xdslb.endpoint.EndpointKey;

/**
 * A set of endpoints by its hash. Two sets of one size with the same hash share their turns, which does no harm.
 *
 * @param size how many there are
 * @param hash the same in whichever order they come
 */
record EndpointSet(int size, long hash) {

    static EndpointSet of(Candidate[] candidates) {
        long sum = 0;
        for (Candidate candidate : candidates) {
            sum += hash(candidate.endpoint().key());
        }
        return new EndpointSet(candidates.length, sum);
    }

    private static long hash(EndpointKey key) {
        long hash = ((long) key.podUid().hashCode() << Integer.SIZE)
                ^ (key.host().hashCode() * 0x9E37_79B9_7F4A_7C15L) // the golden ratio, as in SplittableRandom
                ^ key.port();
        hash = (hash ^ (hash >>> 30)) * 0xBF58_476D_1CE4_E5B9L; // SplitMix64: sums of what it returns do not repeat
        hash = (hash ^ (hash >>> 27)) * 0x94D0_49BB_1331_11EBL;
        return hash ^ (hash >>> 31);
    }
}
