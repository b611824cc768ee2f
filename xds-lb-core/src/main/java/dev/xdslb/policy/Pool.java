/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.List;

/** The candidates that a strategy chooses from. Immutable; read by every pick. */
public final class Pool {
    private final Candidate[] candidates;
    private final boolean uniform;

    Pool(List<Candidate> candidates) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.uniform =
                candidates.stream().mapToDouble(Candidate::weight).distinct().count() <= 1;
    }

    /** Returns the number of candidates, 0 or more. */
    public int size() {
        return candidates.length;
    }

    /**
     * Returns a candidate.
     *
     * @param index 0 to {@code size() - 1}
     */
    public Candidate get(int index) {
        return candidates[index];
    }

    /** Returns whether every candidate weighs the same. */
    public boolean isUniform() {
        return uniform;
    }
}
