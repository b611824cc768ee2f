/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/** Compares by {@code inFlight / weight + 1}: the lowest is the best, a tie is decided by chance. */
final class ByLoad implements Comparison {
    private final RandomGenerator random;

    ByLoad(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public Candidate better(
            Candidate one,
            Candidate other,
            double onePerWeight,
            double otherPerWeight,
            boolean firstOfEqual,
            @Nullable PickObserver observer) {
        double oneScore = score(one, onePerWeight, observer);
        double otherScore = score(other, otherPerWeight, observer);
        if (oneScore == otherScore) {
            return firstOfEqual ? one : other;
        }
        return oneScore < otherScore ? one : other;
    }

    @Override
    public Candidate best(Pool pool, @Nullable PickObserver observer) {
        Candidate best = pool.get(0);
        double bestScore = score(best, 1 / best.weight(), observer);
        double tiedWeight = best.weight();
        for (int i = 1; i < pool.size(); i++) {
            Candidate candidate = pool.get(i);
            double score = score(candidate, 1 / candidate.weight(), observer);
            if (score < bestScore) {
                best = candidate;
                bestScore = score;
                tiedWeight = candidate.weight();
            } else if (score == bestScore) {
                tiedWeight += candidate.weight();
                if (random.nextDouble() * tiedWeight < candidate.weight()) {
                    best = candidate; // every tied one ends up with a chance in proportion to its weight
                }
            }
        }
        return best;
    }

    private static double score(Candidate candidate, double perWeight, @Nullable PickObserver observer) {
        double score = candidate.endpointLoad().inFlightOrFailed() * perWeight + 1;
        if (observer != null) {
            observer.compared(candidate, 1, score);
        }
        return score;
    }
}
