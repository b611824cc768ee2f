/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The power of two choices: draws two distinct candidates by weight and takes the one with the lower score
 * {@code cost * (inFlight / weight + 1)}, a tie by chance. M. Mitzenmacher, "The power of two choices in randomized load
 * balancing", 2001; weighted draws with the load divided by the weight as in Finagle's {@code WeightedP2CPick}.
 *
 * <p>The two must be distinct: drawn with replacement, an endpoint that hangs meets itself and takes all callers in time
 * (grpc-java issue 12237). Pools of four or fewer are compared whole, because two draws out of so few hit the slow ones
 * too often. Picks share nothing but the counters that they read.
 */
abstract class PowerOfTwoChoices implements LoadBalancingStrategy {
    /** Pools up to this size are compared whole. */
    static final int COMPARE_ALL = 4;

    /**
     * Two costs that differ by no more than this factor count as equal. A peak-sensitive average is noise to that extent, and
     * who is low by chance would get more than the others. Simulated with five equal pods whose response times are log-normal
     * with a sigma of 0.3, 0.6 and 1, the busiest one gets 1.05, 1.09 and 1.15 times the mean without it and 1.02, 1.05 and
     * 1.12 with it. Pods at half speed are still told apart.
     */
    private static final double EQUAL_COST = 1.5;

    /**
     * The same in pools that are compared whole, for a cost and the mean: of two costs, one and a half times the other is five
     * quarters of the mean. Simulated with one hung pod of three, 65.4% of the throughput are left without it and 66.3% with
     * it, of 66.7% that are possible.
     */
    private static final double EQUAL_TO_MEAN = 1.25;

    private static final long HALF = (1L << Integer.SIZE) - 1;

    private final RandomGenerator random;

    PowerOfTwoChoices(RandomGenerator random) {
        this.random = random;
    }

    /** Returns what a request costs there, above 0 in any unit, or 0 where nothing is known: it then counts as the others'. */
    abstract double cost(Candidate candidate);

    /**
     * Returns what a request cost there when one was last seen, where {@link #cost} fades without requests. A faded cost counts
     * as the others', at most: that nothing was seen for a while does not make an endpoint fast.
     */
    double lastCost(Candidate candidate) {
        return 0;
    }

    @Override
    public final Picker picker(Pool pool) {
        int n = pool.size();
        if (n <= COMPARE_ALL) {
            return (Draw) (request, observer) -> lowestOfAll(pool, observer);
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
                return lower(pool.get(first), pool.get(second), perWeight, perWeight, (draw & 1) == 0, observer);
            };
        }
        WeightedDraw draw = new WeightedDraw(pool);
        return (Draw) (request, observer) -> {
            int first = draw.next(random);
            Candidate one = pool.get(first);
            Candidate other = pool.get(draw.nextOther(random, first));
            return lower(one, other, 1 / one.weight(), 1 / other.weight(), random.nextBoolean(), observer);
        };
    }

    /** Returns a number below the bound; of 32 random bits, none is more likely by more than the bound in 2^32. */
    private static int scaled(long bits, int bound) {
        return (int) ((bits * bound) >>> Integer.SIZE);
    }

    private Candidate lower(
            Candidate one,
            Candidate other,
            double onePerWeight,
            double otherPerWeight,
            boolean firstOfEqual,
            @Nullable PickObserver observer) {
        double oneCost = cost(one);
        double otherCost = cost(other);
        double oneCompared = otherCost;
        double otherCompared = otherCost;
        if (!isWithin(EQUAL_COST, oneCost, otherCost)) { // else they are so without looking at what has faded, too
            oneCompared = unfaded(one, oneCost, otherCost);
            otherCompared = unfaded(other, otherCost, oneCost);
            if (isWithin(EQUAL_COST, oneCompared, otherCompared)) {
                oneCompared = otherCompared;
            }
        }
        double oneScore = score(one, onePerWeight, oneCompared, otherCost, observer);
        double otherScore = score(other, otherPerWeight, otherCompared, oneCost, observer);
        if (oneScore == otherScore) {
            return firstOfEqual ? one : other;
        }
        return oneScore < otherScore ? one : other;
    }

    private Candidate lowestOfAll(Pool pool, @Nullable PickObserver observer) {
        double usualCost = meanCost(pool);
        Candidate best = pool.get(0);
        double bestScore = score(best, 1 / best.weight(), evened(best, usualCost), usualCost, observer);
        double tiedWeight = best.weight();
        for (int i = 1; i < pool.size(); i++) {
            Candidate candidate = pool.get(i);
            double score = score(candidate, 1 / candidate.weight(), evened(candidate, usualCost), usualCost, observer);
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

    private double unfaded(Candidate candidate, double cost, double usualCost) {
        return cost < usualCost ? Math.max(cost, Math.min(lastCost(candidate), usualCost)) : cost;
    }

    private double evened(Candidate candidate, double usualCost) {
        double cost = unfaded(candidate, cost(candidate), usualCost);
        return isWithin(EQUAL_TO_MEAN, cost, usualCost) ? usualCost : cost;
    }

    private static boolean isWithin(double factor, double cost, double otherCost) {
        return cost <= otherCost * factor && otherCost <= cost * factor;
    }

    private double meanCost(Pool pool) {
        double sum = 0;
        int known = 0;
        for (int i = 0; i < pool.size(); i++) {
            double cost = cost(pool.get(i));
            sum += cost;
            known += cost > 0 ? 1 : 0;
        }
        return known == 0 ? 0 : sum / known;
    }

    private static double score(
            Candidate candidate, double perWeight, double cost, double usualCost, @Nullable PickObserver observer) {
        double known = cost > 0 ? cost : usualCost > 0 ? usualCost : 1;
        double score = known * (candidate.load().inFlight() * perWeight + 1);
        if (observer != null) {
            observer.compared(candidate, known, score);
        }
        return score;
    }
}
