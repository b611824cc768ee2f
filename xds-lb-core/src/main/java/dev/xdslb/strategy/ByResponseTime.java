/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.load.EndpointLoad;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Compares by {@code time * (inFlight / weight + 1 + ahead)}: the lowest is the best, a tie is decided by usage, then by chance.
 *
 * <p><b>Time</b> is the response time. Those of up to {@value #EQUAL} times the least count as the least, for two reasons: that
 * much is chance, and whoever is low by chance would get everything while nothing is in flight. Where it is not chance, other
 * things tell: a slower endpoint has more in flight, and it uses up its share sooner. One that is in doubt counts as the least.
 *
 * <p><b>Ahead</b> is by how much a candidate has been used more than the least used one of those whose times are equal ({@link EndpointLoad#usage()}): four
 * requests more weigh as much as one in flight. So equal endpoints get equal numbers, at any rate, one by one as well as many at
 * a time, and one request that hangs or takes long does not cost its endpoint the others. Limited to three requests in flight,
 * less where many are in flight: there they tell more, and a difference of a few is chance no more. Where one that holds requests is the
 * least used, all others are at that limit; of equal scores in a pool that is compared whole, the less used one is the better.
 *
 * <p>A pick uses {@code 1 / weight} of an endpoint's share, more where it is slower: {@code (time / least)^1.8}. An endpoint of
 * half the speed gets about a third of a full share while nothing is in flight. By the time alone it would be half: as much of the
 * endpoint's time as of the others', and a p99 that is its own. Simulated with 40 clients, the requests that 10 pods answer in time,
 * two of them at half speed, need 12 with an exponent of 1.5.
 */
final class ByResponseTime implements Comparison {
    /**
     * Two and a half: half the speed, and what chance does to an average of {@code ResponseTime.MEMORY} observations. With 2, a
     * pod of half the speed gets less than a quarter of its share from a client that sends one by one.
     */
    static final double EQUAL = 2.5;

    /** Up to this ratio a time says nothing about the speed: the first observations scatter as much. */
    private static final double CHANCE = 1.5;

    /** With {@link #SLOWNESS_LINEAR}, the parabola that follows the power 1.8 where it is used. */
    private static final double SLOWNESS_SQUARE = 0.6;

    private static final double SLOWNESS_LINEAR = 0.55;

    /** How many requests more are as much as one in flight. */
    private static final double REQUESTS_PER_IN_FLIGHT = 4;

    /** Up to how many requests in flight they are at most. */
    private static final double MAX_AHEAD = 3;

    /** The same where very many are in flight. Simulated with one hung pod of three, 1% of the throughput more is left than with 3. */
    private static final double MIN_AHEAD = 0.5;

    /** With so many in flight the most is one less. */
    private static final double IN_FLIGHT_PER_AHEAD = 16;

    /** The least usage where there is none to compare with: of two endpoints, one is too slow for it. */
    private static final double NOBODY_AHEAD = Double.POSITIVE_INFINITY;

    private final RandomGenerator random;
    private final boolean counts; // whether picks use up something; false where nothing is going to be sent

    ByResponseTime(RandomGenerator random, boolean counts) {
        this.random = random;
        this.counts = counts;
    }

    @Override
    public Candidate better(
            Candidate one,
            Candidate other,
            double onePerWeight,
            double otherPerWeight,
            boolean firstOfEqual,
            @Nullable PickObserver observer) {
        EndpointLoad oneLoad = one.endpointLoad();
        EndpointLoad otherLoad = other.endpointLoad();
        double oneTime = oneLoad.expectedNanos();
        double otherTime = otherLoad.expectedNanos();
        if (observer == null
                && onePerWeight == otherPerWeight
                && isEqual(oneTime, otherTime)
                && isEqual(otherTime, oneTime)
                && oneLoad.inFlightOrFailed() == otherLoad.inFlightOrFailed()) { // as most often: usage alone decides
            double ahead = oneLoad.usage() - otherLoad.usage();
            return ahead < 0 || (ahead == 0 && firstOfEqual)
                    ? used(one, onePerWeight, oneTime, otherTime)
                    : used(other, otherPerWeight, otherTime, oneTime);
        }
        double least = known(lesser(oneTime, otherTime));
        double leastUsage = isEqual(oneTime, least) && isEqual(otherTime, least)
                ? Math.min(oneLoad.usage(), otherLoad.usage())
                : NOBODY_AHEAD;
        double oneScore = score(one, onePerWeight, oneTime, least, leastUsage, observer);
        double otherScore = score(other, otherPerWeight, otherTime, least, leastUsage, observer);
        return oneScore < otherScore || (oneScore == otherScore && firstOfEqual)
                ? used(one, onePerWeight, oneTime, least)
                : used(other, otherPerWeight, otherTime, least);
    }

    @Override
    public Candidate best(Pool pool, @Nullable PickObserver observer) {
        if (observer == null && pool.isUniform()) {
            Candidate best = leastUsedOfEqual(pool);
            if (best != null) {
                return best;
            }
        }
        return lowestScore(pool, observer);
    }

    /** Returns the one that nothing but its usage makes the best, as most often; null where something else decides, or chance. */
    private @Nullable Candidate leastUsedOfEqual(Pool pool) {
        Candidate best = pool.get(0);
        EndpointLoad load = best.endpointLoad();
        double leastUsage = load.usage();
        double bestTime = load.expectedNanos();
        double least = bestTime;
        double greatest = bestTime;
        int inFlight = load.inFlightOrFailed();
        boolean tied = false;
        for (int i = 1; i < pool.size(); i++) {
            Candidate candidate = pool.get(i);
            load = candidate.endpointLoad();
            double time = load.expectedNanos();
            double usage = load.usage();
            if (load.inFlightOrFailed() != inFlight) {
                return null;
            }
            if (time < least) {
                least = time;
            } else if (time > greatest) {
                greatest = time;
            }
            if (usage < leastUsage) {
                best = candidate;
                bestTime = time;
                leastUsage = usage;
                tied = false;
            } else if (usage == leastUsage) {
                tied = true;
            }
        }
        return tied || !isEqual(greatest, least) ? null : used(best, 1 / best.weight(), bestTime, least);
    }

    private Candidate lowestScore(Pool pool, @Nullable PickObserver observer) {
        int n = pool.size();
        double least = 0;
        for (int i = 0; i < n; i++) {
            least = lesser(least, pool.get(i).endpointLoad().expectedNanos());
        }
        least = known(least);
        double leastUsage = NOBODY_AHEAD;
        for (int i = 0; i < n; i++) {
            EndpointLoad load = pool.get(i).endpointLoad();
            if (isEqual(load.expectedNanos(), least)) {
                leastUsage = Math.min(leastUsage, load.usage());
            }
        }
        int first = n == 1 ? 0 : random.nextInt(n); // of equal ones the first is taken
        Candidate best = pool.get(first);
        double bestTime = best.endpointLoad().expectedNanos();
        double bestScore = score(best, 1 / best.weight(), bestTime, least, leastUsage, observer);
        double bestUsage = comparedUsage(best, bestTime, least);
        for (int i = 1; i < n; i++) {
            int index = first + i;
            Candidate candidate = pool.get(index < n ? index : index - n);
            double time = candidate.endpointLoad().expectedNanos();
            double score = score(candidate, 1 / candidate.weight(), time, least, leastUsage, observer);
            double usage = comparedUsage(candidate, time, least);
            if (score < bestScore || (score == bestScore && usage < bestUsage)) {
                best = candidate;
                bestTime = time;
                bestScore = score;
                bestUsage = usage;
            }
        }
        return used(best, 1 / best.weight(), bestTime, least);
    }

    /** Returns the lesser one of two times that are known; 0 where none is. */
    private static double lesser(double one, double other) {
        if (one == 0 || other == 0) {
            return Math.max(one, other);
        }
        return Math.min(one, other);
    }

    /** Returns what decides between equal scores: nothing where the times are not equal as well. */
    private static double comparedUsage(Candidate candidate, double time, double least) {
        return isEqual(time, least) ? candidate.endpointLoad().usage() : Double.NaN;
    }

    private static boolean isEqual(double time, double least) {
        return time <= least * EQUAL;
    }

    /** Where no time is known, any does. */
    private static double known(double least) {
        return least > 0 ? least : 1;
    }

    private static double score(
            Candidate candidate,
            double perWeight,
            double time,
            double least,
            double leastUsage,
            @Nullable PickObserver observer) {
        EndpointLoad load = candidate.endpointLoad();
        int inFlight = load.inFlightOrFailed();
        double requests = inFlight * perWeight + 1;
        double compared = time;
        if (isEqual(time, least)) {
            compared = least;
            double most = Math.max(MIN_AHEAD, MAX_AHEAD - inFlight / IN_FLIGHT_PER_AHEAD);
            requests += Math.max(0, Math.min((load.usage() - leastUsage) / REQUESTS_PER_IN_FLIGHT, most));
        }
        double score = compared * requests;
        if (observer != null) {
            observer.compared(candidate, compared, score);
        }
        return score;
    }

    /**
     * Counts a pick.
     *
     * @param least the least time that it was compared with, or any that is greater than its own
     */
    private Candidate used(Candidate picked, double perWeight, double time, double least) {
        if (counts) {
            picked.endpointLoad().addUsage(time <= least * CHANCE ? perWeight : perWeight * slowness(time / least));
        }
        return picked;
    }

    /** Returns about the power 1.8 of a ratio of 1.5 to 2.5, within 5%, without the time that a power takes. */
    private static double slowness(double ratio) {
        double limited = Math.min(ratio, EQUAL);
        return limited * (SLOWNESS_SQUARE * limited + SLOWNESS_LINEAR);
    }
}
