/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.policy;

import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Who may be picked at one moment, as {@link PolicyChain} decided. Immutable; read by every pick. */
public final class Pool {
    private final Candidate[] candidates;
    private final Candidate[] probes;
    private final Predicate<Candidate> takesProbe;
    private final boolean uniform;
    private final int known;
    private final int ejected;

    Pool(List<Candidate> candidates, List<Candidate> probes, Predicate<Candidate> takesProbe, int known, int ejected) {
        this.candidates = candidates.toArray(Candidate[]::new);
        this.probes = probes.toArray(Candidate[]::new);
        this.takesProbe = takesProbe;
        this.uniform =
                candidates.stream().mapToDouble(Candidate::weight).distinct().count() <= 1;
        this.known = known;
        this.ejected = ejected;
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

    /** Returns the number of endpoints that the cluster has, ready or not. */
    public int known() {
        return known;
    }

    /** Returns the number of ready endpoints that are left out because they failed. */
    public int ejected() {
        return ejected;
    }

    /** Returns whether every candidate weighs the same. */
    public boolean isUniform() {
        return uniform;
    }

    /** Returns an ejected endpoint that this very request shall try, or null where none is due. */
    public @Nullable Candidate takeProbe() {
        for (Candidate candidate : probes) {
            if (takesProbe.test(candidate)) {
                return candidate;
            }
        }
        return null;
    }
}
