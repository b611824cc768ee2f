/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;

/**
 * The power of two choices over requests in flight: draws two distinct candidates by weight and takes the one with the
 * lower {@code inFlight / weight + 1}, a tie by chance. M. Mitzenmacher, "The power of two choices in randomized load
 * balancing", 2001.
 *
 * <p>The two must be distinct: drawn with replacement, an endpoint that hangs meets itself and takes all callers in time
 * (grpc-java issue 12237). Pools of four or fewer are compared whole, because two draws out of so few hit the slow ones
 * too often. Picks share nothing but the counters that they read.
 */
public final class P2cLeastRequest implements LoadBalancingStrategy {
    /** What {@link #name()} returns. */
    public static final String NAME = "p2c-least-request";

    /** Pools up to this size are compared whole. */
    static final int COMPARE_ALL = 4;

    /** How often a second draw may hit the first candidate before its neighbour is taken. */
    private static final int MAX_REDRAWS = 8;

    private final RandomGenerator random;

    /**
     * Makes the strategy.
     *
     * @param random thread-safe, and fast from many threads
     */
    public P2cLeastRequest(RandomGenerator random) {
        this.random = random;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Picker picker(Pool pool) {
        int n = pool.size();
        if (n <= COMPARE_ALL) {
            return request -> lowestOfAll(pool);
        }
        if (pool.isUniform()) {
            return request -> {
                int first = random.nextInt(n);
                int second = random.nextInt(n - 1);
                if (second >= first) { // skips the first: each other one is equally likely
                    second++;
                }
                return lower(pool.get(first), pool.get(second));
            };
        }
        WeightedDraw draw = new WeightedDraw(pool);
        return request -> {
            int first = draw.next(random);
            return lower(pool.get(first), pool.get(drawOther(draw, first, n)));
        };
    }

    private int drawOther(WeightedDraw draw, int first, int n) {
        for (int i = 0; i < MAX_REDRAWS; i++) {
            int second = draw.next(random);
            if (second != first) {
                return second;
            }
        }
        return first + 1 < n ? first + 1 : 0;
    }

    private Candidate lower(Candidate one, Candidate other) {
        double difference = score(one) - score(other);
        if (difference == 0) {
            return random.nextBoolean() ? one : other;
        }
        return difference < 0 ? one : other;
    }

    private Candidate lowestOfAll(Pool pool) {
        Candidate best = pool.get(0);
        double bestScore = score(best);
        double tiedWeight = best.weight();
        for (int i = 1; i < pool.size(); i++) {
            Candidate candidate = pool.get(i);
            double score = score(candidate);
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

    private static double score(Candidate candidate) {
        return candidate.load().inFlight() / candidate.weight() + 1;
    }
}
