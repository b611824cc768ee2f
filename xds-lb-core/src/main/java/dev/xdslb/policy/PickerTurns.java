/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * Finds the turns that one picker takes, in a pool and in the parts of it. Where it asks for those of the same endpoints
 * several times, it gets several: alternating requests of two kinds would see every other turn of one. The first goes on with
 * the first of the picker before, the second with the second.
 */
final class PickerTurns {
    private final TurnSequences sequences;
    private final boolean lookingAhead;
    private final Map<EndpointSet, Integer> asked = new HashMap<>(); // how often; guarded by this

    PickerTurns(TurnSequences sequences) {
        this(sequences, false);
    }

    private PickerTurns(TurnSequences sequences, boolean lookingAhead) {
        this.sequences = sequences;
        this.lookingAhead = lookingAhead;
    }

    /** Returns turns for another picker, which begin where these stand, and leave them there. */
    PickerTurns lookingAhead() {
        return new PickerTurns(sequences, true);
    }

    /** Returns whether turns are only looked at. */
    boolean isLookingAhead() {
        return lookingAhead;
    }

    /**
     * Returns a sequence of some candidates.
     *
     * @param role what the pool is to its cluster
     * @param ring at least one, in {@link TurnSequence#ORDER}
     * @param random decides where a sequence begins that follows no other
     */
    TurnSequence of(String role, Candidate[] ring, RandomGenerator random) {
        EndpointSet endpoints = EndpointSet.of(ring);
        int number;
        synchronized (this) {
            number = asked.merge(endpoints, 1, Integer::sum) - 1;
        }
        return lookingAhead
                ? sequences.copyOf(role, endpoints, number, ring, random)
                : sequences.of(role, endpoints, number, ring, random);
    }
}
