/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.cluster;

import dev.xdslb.policy.Candidate;
import java.util.function.IntFunction;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Looks for a candidate that one attempt can go to, without the strategy, which has found none. Of requests without a key it takes
 * the less busy of the first two that it comes upon; those with the same key come upon the same. Used for one pick.
 */
final class Scan {
    private final Attempt attempt;
    private final int maxInFlight; // to each candidate, 0 for no limit
    private final RandomGenerator draws;
    private final boolean keyed;
    private boolean full;
    private @Nullable Candidate awaited;

    /**
     * Makes one that has looked at nobody.
     *
     * @param draws decide about the order
     * @param keyed whether they are those of the request's key
     */
    Scan(Attempt attempt, int maxInFlight, RandomGenerator draws, boolean keyed) {
        this.attempt = attempt;
        this.maxInFlight = maxInFlight;
        this.draws = draws;
        this.keyed = keyed;
    }

    /** Returns whether it came upon somebody who is at the limit, and whom the attempt could go to otherwise. */
    boolean hasFull() {
        return full;
    }

    /** Returns the first one it came upon whom the attempt can go to if its caller waits; null where there was none. */
    @Nullable
    Candidate awaited() {
        return awaited;
    }

    /**
     * Looks at some candidates.
     *
     * @param size how many they are, at least 1
     * @return null where none of them fits
     */
    @Nullable
    Candidate of(int size, IntFunction<Candidate> candidates) {
        ScanOrder order = new ScanOrder(size, draws);
        Candidate found = null;
        for (int turn = 0; turn < size; turn++) {
            Candidate candidate = candidates.apply(order.at(turn));
            if (!fits(candidate)) {
                continue;
            }
            if (keyed) {
                return candidate;
            }
            if (found != null) {
                return load(candidate) < load(found) ? candidate : found;
            }
            found = candidate;
        }
        return found;
    }

    private boolean fits(Candidate candidate) {
        if (!attempt.test(candidate)) {
            if (awaited == null && attempt.awaits(candidate)) {
                awaited = candidate;
            }
            return false;
        }
        boolean hasRoom = maxInFlight == 0 || candidate.endpointLoad().inFlight() < maxInFlight;
        full |= !hasRoom;
        return hasRoom;
    }

    private static double load(Candidate candidate) {
        return (candidate.endpointLoad().inFlight() + 1) / candidate.weight();
    }
}
