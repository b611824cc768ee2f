/*
 * Copyright 2026 the xds-lb authors
 * SPDX-License-Identifier: Apache-2.0
 */
package dev.xdslb.strategy;

import dev.xdslb.endpoint.Endpoint;
import dev.xdslb.policy.Candidate;
import dev.xdslb.policy.Pool;
import dev.xdslb.policy.ReusableTable;
import dev.xdslb.policy.WeightFactors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a pool with the table that hashes are looked up in. The table outlives the pool: it is made anew where
 * endpoints come or go or a weight changes by more than it shows, and goes by the endpoints' identities, so that their order in the
 * pool does not matter. Immutable.
 *
 * <p>What an endpoint gets of its weight while it starts, fails or refuses is rounded to steps of a fifth: it moves all the time, a
 * new table takes milliseconds, and moves keys. The control plane's weight counts as it is.
 */
final class HashedEndpoints implements ReusableTable {
    /** A step is the fourth root of two: from all to a half in four. */
    private static final double STEPS_PER_HALVING = 4;

    private static final double LOG_2 = Math.log(2);

    private final Endpoint[] endpoints; // in the order of the pool that it was made for
    private final int[] ranks; // 1:1 with endpoints: their place by identity
    private final long[] identities; // by rank: ascending
    private final double[] weights; // by rank
    private final HashTable table; // of ranks

    private HashedEndpoints(Endpoint[] endpoints, int[] ranks, long[] identities, double[] weights, HashTable table) {
        this.endpoints = endpoints;
        this.ranks = ranks;
        this.identities = identities;
        this.weights = weights;
        this.table = table;
    }

    /**
     * Returns those of a pool.
     *
     * @param before those of an earlier one, of which as much is used as still holds: it is returned where all does
     */
    static HashedEndpoints of(Pool pool, @Nullable HashedEndpoints before, Maker maker) {
        return before != null && before.hasOrderOf(pool)
                ? before.inItsOrder(pool, maker)
                : inAnyOrder(pool, before, maker);
    }

    private HashedEndpoints inItsOrder(Pool pool, Maker maker) {
        double[] newWeights = weights(pool, ranks);
        return Arrays.equals(newWeights, weights)
                ? this
                : new HashedEndpoints(
                        endpoints(pool), ranks, identities, newWeights, maker.make(newWeights, identities, table));
    }

    private static HashedEndpoints inAnyOrder(Pool pool, @Nullable HashedEndpoints before, Maker maker) {
        long[] unsorted = EndpointIdentity.hashes(pool);
        long[] identities = unsorted.clone();
        Arrays.sort(identities);
        int[] ranks = ranks(unsorted, identities);
        double[] weights = weights(pool, ranks);
        HashTable table;
        if (before == null || !Arrays.equals(identities, before.identities)) {
            table = maker.make(weights, identities, null);
        } else if (Arrays.equals(weights, before.weights)) {
            table = before.table;
        } else {
            table = maker.make(weights, identities, before.table);
        }
        return new HashedEndpoints(endpoints(pool), ranks, identities, weights, table);
    }

    HashTable table() {
        return table;
    }

    /** Returns the candidates of the pool that it is for, in the order in which the table counts them. */
    Candidate[] byRank(Pool pool) {
        Candidate[] candidates = new Candidate[ranks.length];
        for (int i = 0; i < ranks.length; i++) {
            candidates[ranks[i]] = pool.get(i);
        }
        return candidates;
    }

    @Override
    public long bytes() {
        return table.bytes() + (Long.BYTES + Double.BYTES + 2L * Integer.BYTES) * ranks.length;
    }

    private boolean hasOrderOf(Pool pool) {
        if (pool.size() != endpoints.length) {
            return false;
        }
        for (int i = 0; i < endpoints.length; i++) {
            Endpoint now = pool.get(i).endpoint();
            Endpoint then = endpoints[i];
            if (!now.key().equals(then.key()) || !now.podName().equals(then.podName())) {
                return false;
            }
        }
        return true;
    }

    private static double[] weights(Pool pool, int[] ranks) {
        double[] weights = new double[ranks.length];
        for (int i = 0; i < ranks.length; i++) {
            weights[ranks[i]] = weight(pool.get(i).weightFactors());
        }
        return weights;
    }

    private static double weight(WeightFactors factors) {
        double share = factors.share();
        return factors.controlPlane()
                * (share == 1
                        ? 1
                        : Math.pow(2, Math.rint(Math.log(share) / LOG_2 * STEPS_PER_HALVING) / STEPS_PER_HALVING));
    }

    private static int[] ranks(long[] unsorted, long[] sorted) {
        int[] ranks = new int[unsorted.length];
        boolean[] taken = new boolean[unsorted.length];
        for (int i = 0; i < ranks.length; i++) {
            int rank = Arrays.binarySearch(sorted, unsorted[i]);
            while (rank > 0 && sorted[rank - 1] == sorted[rank]) {
                rank--;
            }
            while (taken[rank]) { // of two with one identity, as by the same address twice
                rank++;
            }
            taken[rank] = true;
            ranks[i] = rank;
        }
        return ranks;
    }

    private static Endpoint[] endpoints(Pool pool) {
        Endpoint[] endpoints = new Endpoint[pool.size()];
        for (int i = 0; i < endpoints.length; i++) {
            endpoints[i] = pool.get(i).endpoint();
        }
        return endpoints;
    }

    /** Makes tables. */
    @FunctionalInterface
    interface Maker {
        /**
         * Maps hashes to positions, each as often as its weight says.
         *
         * @param weights finite and above 0
         * @param identities the endpoints' hashes, ascending, 1:1 with weights
         * @param before the table of the same endpoints with other weights, null where there is none
         */
        HashTable make(double[] weights, long[] identities, @Nullable HashTable before);
    }
}
