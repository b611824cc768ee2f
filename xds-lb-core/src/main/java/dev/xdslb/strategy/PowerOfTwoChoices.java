/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The power of two choices: draws two distinct candidates by weight and takes the better one. M. Mitzenmacher, "The power of
 * two choices in randomized load balancing", 2001; weighted draws as in Finagle's {@code WeightedP2CPick}.
 *
 * <p>The two must be distinct: drawn with replacement, an endpoint that hangs meets itself and takes all callers in time
 * (grpc-java issue 12237). Pools of four or fewer are compared whole, because two draws out of so few hit the slow ones
 * too often. Picks share nothing but what is counted per endpoint.
 */
abstract class PowerOfTwoChoices implements LoadBalancingStrategy {
    /** Pools up to this size are compared whole. */
    static final int COMPARE_ALL = 4;

    private static final long HALF = (1L << Integer.SIZE) - 1;

    private final RandomGenerator random;

    PowerOfTwoChoices(RandomGenerator random) {
        this.random = random;
    }

    /**
     * Returns what decides which of the drawn candidates is the best.
     *
     * @param counts whether its picks use up something; false where nothing is going to be sent
     */
    abstract Comparison comparison(RandomGenerator chance, boolean counts);

    @Override
    public final Picker picker(Pool pool) {
        int n = pool.size();
        Comparison comparison = comparison(random, !pool.isLookingAhead());
        if (n <= COMPARE_ALL) {
            return new WholePool(pool, comparison);
        }
        if (pool.isUniform()) {
            double perWeight = 1 / pool.get(0).weight();
            return (Draw) (request, observer) -> {
                long draw = random.nextLong(); // enough for both: a half each, of which the high bits count
                int first = scaled(draw >>> Integer.SIZE, n);
                int second = scaled(draw & HALF, n - 1);
                if (second >= first) { // skips the first: each other one is equally likely
                    second++;
                }
                return comparison.better(
                        pool.get(first), pool.get(second), perWeight, perWeight, (draw & 1) == 0, observer);
            };
        }
        WeightedDraw draw = new WeightedDraw(pool);
        return (Draw) (request, observer) -> {
            int first = draw.next(random);
            Candidate one = pool.get(first);
            Candidate other = pool.get(draw.nextOther(random, first));
            return comparison.better(one, other, 1 / one.weight(), 1 / other.weight(), random.nextBoolean(), observer);
        };
    }

    /** Returns a number below the bound; of 32 random bits, none is more likely by more than the bound in 2^32. */
    private static int scaled(long bits, int bound) {
        return (int) ((bits * bound) >>> Integer.SIZE);
    }

    /** Compares all. Where the best one cannot be had, it is no use to ask again. */
    private record WholePool(Pool pool, Comparison comparison) implements Draw {
        @Override
        public Candidate draw(RequestAttributes request, @Nullable PickObserver observer) {
            return comparison.best(pool, observer);
        }

        @Override
        public @Nullable Candidate pickFitting(
                RequestAttributes request, Predicate<Candidate> fits, @Nullable PickObserver observer) {
            Candidate best = comparison.best(pool, observer);
            return fits.test(best) ? best : null;
        }
    }
}
